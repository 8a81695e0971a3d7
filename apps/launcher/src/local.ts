/** Engines and addresses, the same for the demonstration and for real connections. */
import { startEngines } from '@lockstep/local-services/engines.ts';
import type { Engines } from '@lockstep/local-services/engines.ts';
import { freePorts, isFreePort } from '@lockstep/local-services/ports.ts';
import type { LaunchParts } from './parts.ts';
import type { ChildProgram } from './child-program.ts';
import { SERVERS } from './simulator.ts';
import { startWorker } from './worker.ts';
import type { Worker } from './worker.ts';

const PORTS = ['api', 'temporalUi', ...SERVERS] as const;
export type Ports = Readonly<Record<(typeof PORTS)[number], number>>;

/** The ports of the last start where they are still free, so that addresses stay; else free ones. No two are the same. */
export async function choosePorts({ data, options }: LaunchParts): Promise<Ports> {
  const asked: Partial<Record<string, number>> = {
    ...data.state.ports,
    ...(options.apiPort === null ? {} : { api: options.apiPort }),
    ...(options.uiPort === null ? {} : { temporalUi: options.uiPort }),
  };
  const kept = new Map<string, number>();
  for (const name of PORTS) {
    const port = asked[name];
    if (port !== undefined && ![...kept.values()].includes(port) && (await isFreePort(port))) kept.set(name, port);
  }
  const free = [...(await freePorts(PORTS.length - kept.size, new Set(kept.values())))];
  const ports = Object.fromEntries(PORTS.map((name) => [name, kept.get(name) ?? free.pop()])) as Ports;
  data.save({ ports });
  return ports;
}

export async function launchEngines(parts: LaunchParts, ports: Ports): Promise<Engines> {
  parts.console.progress('starting PostgreSQL and Temporal');
  const engines = await startEngines({
    directory: parts.data.path,
    environment: parts.environment,
    durable: true,
    ports: { temporalUi: ports.temporalUi },
    progress: (message) => parts.console.say(message),
  });
  parts.running.add({ name: 'PostgreSQL and Temporal', stop: () => engines.stop() }, engines.lost);
  return engines;
}

/** A worker that can be killed and started again. */
export interface WorkerSeat {
  current(): Worker;
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Ends it in order and starts the worker of another checkout in its place; of ours, where none is named. */
  deploy(checkout?: string): Promise<void>;
}

export async function launchWorker(parts: LaunchParts, engines: Engines, configFile: string, ports: Ports): Promise<WorkerSeat> {
  const start = async (checkout?: string): Promise<{ worker: Worker; forget: () => void }> => {
    parts.console.progress('starting the worker');
    const worker = await startWorker({
      data: parts.data,
      engines,
      configFile,
      apiPort: ports.api,
      environment: parts.environment,
      ...(checkout === undefined ? {} : { checkout }),
    });
    return { worker, forget: parts.running.add(stoppable('the worker', worker.service), worker.service.lost) };
  };
  let seat = await start();
  return {
    current: () => seat.worker,
    async kill() {
      seat.forget();
      await seat.worker.service.kill();
    },
    async restart() {
      seat = await start();
    },
    async deploy(checkout) {
      seat.forget();
      await seat.worker.service.stop();
      seat = await start(checkout);
    },
  };
}

/** A service as something to stop. */
export function stoppable(name: string, service: ChildProgram): { name: string; stop(): Promise<void>; kill(): Promise<void> } {
  return { name, stop: () => service.stop(), kill: () => service.kill() };
}

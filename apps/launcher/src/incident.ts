/** The page of incidents: what an operator saw, typed and got, as a start has recorded it. */
import type { Entry } from './people/operator.ts';

const HEAD = `# Incidents, as the operator lives them

Two of the story that \`npm start\` plays: what was seen, typed and answered, word for word. Written by

\`\`\`
npm start -- --once --fresh --data /tmp/incident --incident docs/incident.md
\`\`\`

against the real worker, a real Temporal and PostgreSQL, and the simulator's Jira and HubSpot; ids and instants are of that run. What each command means:
[driving again what waits](runbooks/redrive.md), [replay](runbooks/replay.md).
`;

/** As Markdown. */
export function incidentPage(record: readonly Entry[]): string {
  return [HEAD, ...record.map(entryText)].join('\n');
}

function entryText(entry: Entry): string {
  if (entry.kind !== 'typed') return `${entry.kind === 'heading' ? '## ' : ''}${entry.text}\n`;
  const { prompt, command, output, exitCode } = entry;
  const ending = exitCode === 0 ? '' : `\n(exit code ${exitCode})`;
  return ['```', `${prompt}$ ${command}`, `${output}${ending}`, '```', ''].join('\n');
}

/** What is to come, in the order of time; at one instant in the order in which it was put in. A binary heap. */

export interface EventQueue<Event> {
  push(atMs: number, event: Event): void;
  /** The earliest, taken out; null where nothing is left. */
  pop(): { readonly atMs: number; readonly event: Event } | null;
}

interface Entry<Event> {
  readonly atMs: number;
  readonly order: number;
  readonly event: Event;
}

export function createEventQueue<Event>(): EventQueue<Event> {
  const heap: Entry<Event>[] = [];
  let pushed = 0;
  return {
    push(atMs, event) {
      heap.push({ atMs, order: (pushed += 1), event });
      rise(heap, heap.length - 1);
    },
    pop() {
      const [first] = heap;
      const last = heap.pop();
      if (first === undefined || last === undefined) return null;
      if (heap.length > 0) {
        heap[0] = last;
        sink(heap);
      }
      return first;
    },
  };
}

function isBefore(left: Entry<unknown> | undefined, right: Entry<unknown> | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}

function rise(heap: Entry<unknown>[], from: number): void {
  for (let place = from; place > 0;) {
    const parent = (place - 1) >> 1;
    if (!isBefore(heap[place], heap[parent])) return;
    swap(heap, place, parent);
    place = parent;
  }
}

function sink(heap: Entry<unknown>[]): void {
  for (let place = 0; ;) {
    const [left, right] = [2 * place + 1, 2 * place + 2];
    let least = isBefore(heap[left], heap[place]) ? left : place;
    if (isBefore(heap[right], heap[least])) least = right;
    if (least === place) return;
    swap(heap, place, least);
    place = least;
  }
}

function swap(heap: Entry<unknown>[], a: number, b: number): void {
  const [first, second] = [heap[a], heap[b]];
  if (first === undefined || second === undefined) return;
  heap[a] = second;
  heap[b] = first;
}

/** Deals with things one after the other, each to its end: one that comes while another is dealt with waits for its turn. */
export function inOrder<T>(deal: (one: T) => void): (one: T) => void {
  const waiting: T[] = [];
  let busy = false;
  return (one) => {
    waiting.push(one);
    if (busy) return;
    busy = true;
    try {
      while (waiting.length > 0) deal(waiting.shift()!);
    } finally {
      busy = false;
    }
  };
}

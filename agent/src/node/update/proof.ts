/** What a release on trial has to show, each once and in any order: its page on the screen, and an answer of the hub. */
export interface Proof {
  page(): void;
  hub(): void;
}

/** @param onProved called once; where no page is expected, the hub's answer is enough */
export function proofOf(expectsPage: boolean, onProved: () => void): Proof {
  const open = new Set(expectsPage ? ['page', 'hub'] : ['hub']);
  const seen = (what: string) => {
    if (open.delete(what) && open.size === 0) onProved();
  };
  return { page: () => seen('page'), hub: () => seen('hub') };
}

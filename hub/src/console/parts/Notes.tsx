import { useCallback, useRef, useState } from 'react';
import { Notification } from '@mantine/core';

export interface Note {
  id: number;
  text: string;
  bad: boolean;
}

const SHOWN_MS = 8000;
const MOST = 4;

/** What acts came to, for a few seconds; what failed stays until it is closed. */
export function useNotes() {
  const [notes, setNotes] = useState<Note[]>([]);
  const last = useRef(0);
  const drop = useCallback((id: number) => setNotes((all) => all.filter((one) => one.id !== id)), []);
  const say = useCallback(
    ({ text, bad = false }: { text: string; bad?: boolean }) => {
      const id = (last.current += 1);
      setNotes((all) => [...all, { id, text, bad }].slice(-MOST));
      if (!bad) window.setTimeout(() => drop(id), SHOWN_MS);
    },
    [drop],
  );
  return { notes, say, drop };
}

export function Notes({ notes, drop }: { notes: readonly Note[]; drop: (id: number) => void }) {
  return (
    <div className="notes" role="status" aria-live="polite">
      {notes.map(({ id, text, bad }) => (
        <Notification
          key={id}
          color={bad ? 'red' : 'teal'}
          withBorder
          onClose={() => drop(id)}
          closeButtonProps={{ 'aria-label': '×' }}
        >
          {text}
        </Notification>
      ))}
    </div>
  );
}

import { useEffect, useRef } from 'react';

/**
 * The heading of a screen. A screen that has nothing to type in gets the focus here when it appears, not on a button:
 * whoever still holds Enter down from the form must not press what just came up.
 */
export function Title({ text, takesFocus = false }: { text: string; takesFocus?: boolean }) {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) ref.current?.focus();
  }, [takesFocus]);
  useEffect(() => {
    document.title = `${text} · Anyseat`;
  }, [text]);
  return (
    <h1 className="title" ref={ref} tabIndex={-1}>
      {text}
    </h1>
  );
}

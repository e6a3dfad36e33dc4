import { useId, type InputHTMLAttributes, type ReactNode, type Ref } from 'react';

export interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  /** What is wrong with it; read out, and the box is marked. */
  wrong?: string | undefined;
  /** Something worth knowing while typing. */
  hint?: string | undefined;
  /** A tool inside the box, at its end. */
  tool?: ReactNode;
  ref?: Ref<HTMLInputElement>;
}

/** A labelled line to type in. The room for its note is always there, so that nothing moves under the eyes. */
export function Field({ label, wrong, hint, tool, ...input }: FieldProps) {
  const id = useId();
  const note = `${id}-note`;
  return (
    <div className={wrong ? 'field field-wrong' : 'field'}>
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <div className="field-box">
        <input
          {...input}
          id={id}
          className="field-input"
          aria-invalid={wrong ? true : undefined}
          aria-describedby={note}
        />
        {tool}
      </div>
      <p id={note} className="field-note" aria-live="polite">
        {wrong ? <span className="field-note-wrong">{wrong}</span> : null}
        {!wrong && hint ? <span className="field-note-hint">{hint}</span> : null}
      </p>
    </div>
  );
}

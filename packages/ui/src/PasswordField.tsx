import { useState, type SyntheticEvent } from 'react';
import { Field, type FieldProps } from './Field.tsx';

export interface PasswordFieldProps extends Omit<FieldProps, 'type' | 'tool' | 'hint'> {
  capsLockHint: string;
  showLabel: string;
  hideLabel: string;
}

/** A line for a password: it can be looked at, and it says when the Caps Lock key is on. */
export function PasswordField({ capsLockHint, showLabel, hideLabel, ...field }: PasswordFieldProps) {
  const [shown, setShown] = useState(false);
  const [capsLock, setCapsLock] = useState(false);
  const look = (event: SyntheticEvent) => {
    const { nativeEvent } = event;
    if (nativeEvent instanceof KeyboardEvent || nativeEvent instanceof MouseEvent) {
      setCapsLock(nativeEvent.getModifierState('CapsLock'));
    }
  };
  return (
    <Field
      {...field}
      type={shown ? 'text' : 'password'}
      spellCheck={false}
      autoCapitalize="none"
      autoComplete="off"
      hint={capsLock ? capsLockHint : undefined}
      onKeyDown={look}
      onKeyUp={look}
      onMouseDown={look}
      tool={
        <button
          type="button"
          className="field-tool"
          aria-pressed={shown}
          aria-label={shown ? hideLabel : showLabel}
          title={shown ? hideLabel : showLabel}
          onClick={() => setShown(!shown)}
        >
          <Eye struck={shown} />
        </button>
      }
    />
  );
}

/** What a press does: an eye to look, a struck one to stop looking. */
function Eye({ struck }: { struck: boolean }) {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.7" aria-hidden="true">
      <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z" strokeLinejoin="round" />
      <circle cx="12" cy="12" r="3" />
      {struck ? <path d="M4 20 20 4" strokeLinecap="round" /> : null}
    </svg>
  );
}

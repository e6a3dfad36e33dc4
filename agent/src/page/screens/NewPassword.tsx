import { useEffect, useRef, useState, type FormEvent } from 'react';
import { Button, Field, Notice, PasswordField } from '@anyseat/ui';
import type { PageKey } from '@anyseat/words';
import type { Notice as NoticeState } from '../../common/sessionState.ts';
import { Title } from '../Title.tsx';
import { toneOf } from '../tone.ts';
import { useWords } from '../words.ts';
import { Waiting } from './Login.tsx';
import { useEscape } from './Progress.tsx';

export interface NewPasswordProps {
  /** Why another password is wanted, or why the last one was not taken. */
  notice: NoticeState | undefined;
  hubAway: boolean;
  /** Whose; to be typed here where it is empty. */
  user: string;
  onChange: (user: string, password: string, newPassword: string) => void;
  /** The same one at every rendering: with another the time to leave begins anew. */
  onBack: () => void;
}

/** Whoever leaves a half-filled form does not leave it to the next person. */
const LEAVE_AFTER_MS = 120_000;
const LEAVE_EMPTY_AFTER_MS = 300_000;

type Line = 'user' | 'present' | 'wanted' | 'again';
type Typed = Record<Line, string>;

/** The form for another password. The new one twice, because nobody can see what they type; nothing of it is kept. */
export function NewPassword({ notice, hubAway, user, onChange, onBack }: NewPasswordProps) {
  const { t, say } = useWords();
  const [typed, setTyped] = useState<Typed>({ user, present: '', wanted: '', again: '' });
  const [wrong, setWrong] = useState<{ line: Line; key: PageKey } | undefined>(undefined);
  const asksName = user === '';
  const lines = {
    user: useRef<HTMLInputElement>(null),
    present: useRef<HTMLInputElement>(null),
    wanted: useRef<HTMLInputElement>(null),
    again: useRef<HTMLInputElement>(null),
  };
  const first = lines[asksName ? 'user' : 'present'];
  useEscape(onBack);
  useEffect(() => {
    first.current?.focus();
  }, [first]);
  useEffect(() => {
    const isEmpty = typed.present + typed.wanted + typed.again === '';
    const timer = setTimeout(onBack, isEmpty ? LEAVE_EMPTY_AFTER_MS : LEAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed, onBack]);

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    const found = whatIsWrong(typed);
    setWrong(found);
    if (found) {
      lines[found.line].current?.focus();
      lines[found.line].current?.select();
      return;
    }
    setTyped({ ...typed, present: '', wanted: '', again: '' });
    first.current?.focus();
    onChange(typed.user.trim(), typed.present, typed.wanted);
  }

  const line = (name: Line) => ({
    ref: lines[name],
    value: typed[name],
    onChange: (event: { target: { value: string } }) => {
      setTyped({ ...typed, [name]: event.target.value });
      setWrong(undefined);
    },
    wrong: wrong?.line === name ? t(wrong.key) : undefined,
  });
  const secret = (name: Line, label: PageKey) => (
    <PasswordField
      label={t(label)}
      {...line(name)}
      maxLength={1024}
      capsLockHint={t('capsLock')}
      showLabel={t('showPassword')}
      hideLabel={t('hidePassword')}
    />
  );

  return (
    <form className="screen login new-password" onSubmit={onSubmit} noValidate>
      <Title text={t('newPasswordTitle')} />
      {asksName || notice ? null : <p className="lead">{t('loggingInAs', { user })}</p>}
      {hubAway ? <Waiting brief /> : null}
      {notice ? <Notice tone={toneOf(notice.code)} {...say(notice.code, notice.fields)} /> : null}
      <div className={asksName ? 'login-fields new-password-pair' : 'login-fields'}>
        {asksName ? (
          <Field
            label={t('user')}
            {...line('user')}
            maxLength={256}
            spellCheck={false}
            autoCapitalize="none"
            autoComplete="off"
          />
        ) : null}
        {secret('present', 'presentPassword')}
      </div>
      <div className="login-fields new-password-pair">
        {secret('wanted', 'newPassword')}
        {secret('again', 'newPasswordAgain')}
      </div>
      <div className="actions">
        <Button type="submit" look="primary">
          {t('setPassword')}
        </Button>
        <Button onClick={onBack}>{t('back')}</Button>
      </div>
    </form>
  );
}

/** The first line that wants something, and what. */
function whatIsWrong(typed: Typed): { line: Line; key: PageKey } | undefined {
  if (typed.user.trim() === '') return { line: 'user', key: 'userMissing' };
  if (typed.present === '') return { line: 'present', key: 'passwordMissing' };
  if (typed.wanted === '') return { line: 'wanted', key: 'newPasswordMissing' };
  if (typed.wanted === typed.present) return { line: 'wanted', key: 'newPasswordSame' };
  if (typed.again !== typed.wanted) return { line: 'again', key: 'newPasswordsDiffer' };
  return undefined;
}

/** Between the form and the directory's answer. Nothing can be called off here. */
export function ChangingPassword({ user }: { user: string }) {
  const { t } = useWords();
  return (
    <section className="screen">
      <Title text={t('changingTitle')} takesFocus />
      <p className="lead">{t('loggingInAs', { user })}</p>
      <p role="status">{t('changingText')}</p>
    </section>
  );
}

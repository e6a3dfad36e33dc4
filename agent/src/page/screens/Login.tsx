import { useEffect, useRef, useState, type FormEvent } from 'react';
import { Button, Field, Notice, PasswordField } from '@anyseat/ui';
import type { Notice as NoticeState } from '../../common/sessionState.ts';
import { Title } from '../Title.tsx';
import { toneOf } from '../tone.ts';
import { useWords } from '../words.ts';

export interface LoginProps {
  notice: NoticeState | undefined;
  hubAway: boolean;
  /** Who tried last, so that a mistyped password costs no second name. */
  lastUser: string;
  onLogin: (user: string, password: string) => void;
  /** Absent where the hub takes no new passwords. */
  onChangePassword?: ((user: string) => void) | undefined;
}

/** Whoever leaves a half-filled form does not leave it to the next person. */
const FORGET_AFTER_MS = 120_000;
/** Refusals after which the name is what was wrong. */
const aboutTheName: ReadonlySet<string> = new Set(['ambiguous-user', 'not-this-workstation']);

/** The form. Nothing of it is kept: the password is here from the keyboard to Enter. */
export function Login({ notice, hubAway, lastUser, onLogin, onChangePassword }: LoginProps) {
  const { t, say } = useWords();
  const [user, setUser] = useState(lastUser);
  const [password, setPassword] = useState('');
  const [missing, setMissing] = useState<'user' | 'password' | undefined>(undefined);
  const userRef = useRef<HTMLInputElement>(null);
  const passwordRef = useRef<HTMLInputElement>(null);

  // The first line that wants something: the name, or the password when the name stands there already.
  useEffect(() => {
    const first = lastUser === '' || aboutTheName.has(notice?.code ?? '') ? userRef : passwordRef;
    first.current?.focus();
    first.current?.select();
  }, [lastUser, notice]);

  useEffect(() => {
    if (user === '' && password === '') return undefined;
    const timer = setTimeout(() => {
      setUser('');
      setPassword('');
      setMissing(undefined);
      userRef.current?.focus();
    }, FORGET_AFTER_MS);
    return () => clearTimeout(timer);
  }, [user, password]);

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    const name = user.trim();
    if (name === '' || password === '') {
      setMissing(name === '' ? 'user' : 'password');
      (name === '' ? userRef : passwordRef).current?.focus();
      return;
    }
    setPassword('');
    onLogin(name, password);
  }

  return (
    <form className="screen login" onSubmit={onSubmit} noValidate aria-labelledby="login-title">
      <Title text={t('logInTitle')} />
      {hubAway ? <Waiting brief={notice !== undefined} /> : null}
      {notice && !(hubAway && notice.code === 'no-hub') ? (
        <Notice tone={toneOf(notice.code)} {...say(notice.code, notice.fields)} />
      ) : null}
      <div className="login-fields">
        <Field
          label={t('user')}
          ref={userRef}
          value={user}
          onChange={(event) => {
            setUser(event.target.value);
            setMissing(undefined);
          }}
          wrong={missing === 'user' ? t('userMissing') : undefined}
          maxLength={256}
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
        />
        <PasswordField
          label={t('password')}
          ref={passwordRef}
          value={password}
          onChange={(event) => {
            setPassword(event.target.value);
            setMissing(undefined);
          }}
          wrong={missing === 'password' ? t('passwordMissing') : undefined}
          maxLength={1024}
          capsLockHint={t('capsLock')}
          showLabel={t('showPassword')}
          hideLabel={t('hidePassword')}
        />
      </div>
      <Button type="submit" look="primary" className="login-button">
        {t('logIn')}
      </Button>
      {onChangePassword ? (
        <button type="button" className="login-aside" onClick={() => onChangePassword(user.trim())}>
          {t('changePassword')}
        </button>
      ) : null}
    </form>
  );
}

/** The hub does not answer yet; the form can be filled in all the same. Brief where something else is to be read. */
export function Waiting({ brief }: { brief: boolean }) {
  const { t } = useWords();
  return (
    <div className="waiting" role="status">
      <span className="waiting-dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <div>
        <p className="waiting-title">{t('noHubTitle')}</p>
        {brief ? null : <p className="waiting-text">{t('noHubText')}</p>}
      </div>
    </div>
  );
}

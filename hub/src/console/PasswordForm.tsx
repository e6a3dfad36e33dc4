import { useState, type SubmitEvent } from 'react';
import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { consoleText, say, type ConsoleKey, type Language } from '@anyseat/words';
import { act, Refused } from './api.ts';

/** In by a name and a password of the directory. The password is held by its field alone, and let go once it was tried. */
export function PasswordForm({ language, onIn }: { language: Language; onIn: () => void }) {
  const t = (key: ConsoleKey) => consoleText(key, language);
  const [refused, setRefused] = useState<{ why: Refused; at: number }>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const { user, password } = Object.fromEntries(new FormData(form));
    setBusy(true);
    try {
      await act('/password', { user, password });
      onIn();
    } catch (error) {
      const why = error instanceof Refused ? error : new Refused(0, 'no-hub', String(error));
      setRefused({ why, at: Date.now() });
      const field = form.elements.namedItem('password') as HTMLInputElement;
      field.value = '';
      field.focus();
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        {refused && (
          <Alert key={refused.at} color="orange" role="alert">
            {sentence(refused.why, language, refused.at)}
          </Alert>
        )}
        <TextInput
          name="user"
          label={t('shutUser')}
          autoComplete="username"
          autoFocus
          required
          withAsterisk={false}
          maxLength={256}
        />
        <PasswordInput
          name="password"
          label={t('shutPassword')}
          autoComplete="current-password"
          required
          withAsterisk={false}
          maxLength={1024}
        />
        <Button type="submit" color="blue.9" disabled={busy}>
          {t(busy ? 'shutChecking' : 'shutIn')}
        </Button>
      </Stack>
    </form>
  );
}

function sentence({ status, code, fields }: Refused, language: Language, now: number): string {
  if (code === 'no-console-role') return consoleText('shutNoRole', language);
  if (status === 0) return consoleText('shutAway', language);
  const { text, next } = say(code, { language, now }, fields);
  return language === 'zh-CN' ? text + next : `${text} ${next}`;
}

import { useCallback, useEffect, useState } from 'react';
import { Button, Group, SegmentedControl, Stack, Text, Textarea, Title, Tooltip } from '@mantine/core';
import type { ApplyAnswer, ReadAnswer, WhatifAnswer, WrittenAnswer } from '@anyseat/protocol';
import { act, look, Refused } from '../api.ts';
import { useConsole } from '../context.ts';
import { Failed, Loading } from '../parts/Looks.tsx';
import { addressOf } from '../place.ts';
import { roleNames } from '../roleNames.ts';
import { History } from './History.tsx';
import { kinds, type RuleKind } from './kinds.ts';
import { Outcome, Wrong, Whatif } from './Outcome.tsx';
import { SpecForm, type Spec } from './SpecForm.tsx';

type Said =
  | { kind: 'checked' | 'applied'; answer: ApplyAnswer; text: string }
  | { kind: 'whatif'; answer: WhatifAnswer }
  | { kind: 'wrong'; why: Refused };

interface Loaded {
  stands: WrittenAnswer;
  isNew: boolean;
}

/** One resource: what stands is loaded, what is written here is checked and shown as a difference before it can be applied. */
export function Editor({ kind, name }: { kind: RuleKind; name: string }) {
  const [loaded, setLoaded] = useState<Loaded>();
  const [failed, setFailed] = useState<Refused>();
  const again = useCallback(
    (signal?: AbortSignal) => {
      load(kind, name, signal).then(setLoaded, (error: unknown) => {
        if (!signal?.aborted) setFailed(refused(error));
      });
    },
    [kind, name],
  );
  useEffect(() => {
    const gone = new AbortController();
    again(gone.signal);
    return () => gone.abort();
  }, [again]);
  if (!loaded) return failed ? <Failed failed={failed} /> : <Loading />;
  const { revision = 0 } = loaded.stands;
  return <Written key={revision} kind={kind} name={name} {...loaded} onChanged={() => again()} />;
}

async function load(kind: RuleKind, name: string, signal?: AbortSignal): Promise<Loaded> {
  const of = `/written?kind=${kind}`;
  try {
    return { stands: await look(`${of}&name=${encodeURIComponent(name)}`, signal), isNew: false };
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'resource-unknown') throw error;
    return { stands: await look(of, signal), isNew: true };
  }
}

const refused = (error: unknown): Refused =>
  error instanceof Refused ? error : new Refused(0, 'unknown', String(error));

function Written({
  kind,
  name,
  stands,
  isNew,
  onChanged,
}: Loaded & { kind: RuleKind; name: string; onChanged: () => void }) {
  const { t, may, say } = useConsole();
  const [text, setText] = useState(stands.text ?? kinds[kind].begin(name));
  const [spec, setSpec] = useState(stands.spec as Spec | undefined);
  const [mode, setMode] = useState<'form' | 'yaml'>(isNew ? 'yaml' : 'form');
  const [said, setSaid] = useState<Said>();
  const [busy, setBusy] = useState(false);
  const now = mode === 'form' ? JSON.stringify({ [kind]: { [name]: spec } }) : text;
  const seen = [{ kind, name, revision: stands.revision ?? 0 }];
  const during = (work: () => Promise<Said | undefined>) => {
    if (busy) return;
    setBusy(true);
    work()
      .then(setSaid, (error: unknown) => setSaid({ kind: 'wrong', why: refused(error) }))
      .finally(() => setBusy(false));
  };
  const turnTo = (to: string) =>
    during(async () => {
      const { resources } = await act<ReadAnswer>('/written', { text: now });
      const here = resources.find((one) => one.kind === kind && one.name === name);
      if (!here || resources.length > 1)
        throw new Refused(0, 'elsewhere', t('ruleElsewhere', { name: `${kind}/${name}` }));
      setSpec(here.spec as Spec);
      setText(here.text);
      setMode(to === 'form' ? 'form' : 'yaml');
      return undefined;
    });
  const check = () =>
    during(async () => ({
      kind: 'checked',
      answer: await act<ApplyAnswer>('/apply', { text: now, seen, dryRun: true }),
      text: now,
    }));
  // Nothing but what was checked, as it stood then.
  const apply = (checked: ApplyAnswer) =>
    during(async () => {
      const as = checked.changes.map(({ kind, name, was }) => ({ kind, name, revision: was }));
      const answer = await act<ApplyAnswer>('/apply', { text: now, seen: as });
      say({ text: t('ruleApplied') });
      onChanged();
      return { kind: 'applied', answer, text: now };
    });
  const whatif = () =>
    during(async () => ({ kind: 'whatif', answer: await act<WhatifAnswer>('/whatif', { text: now }) }));
  const mayApply = may('administer');
  const isChecked = said?.kind === 'checked' && said.text === now && said.answer.changes.length > 0;
  return (
    <div className="scroll">
      <Stack p="md" gap="md" className="rule">
        <Group justify="space-between">
          <div>
            <Text size="sm">
              <a className="link" href={addressOf('rules', kind)}>
                {t(kinds[kind].key)}
              </a>
            </Text>
            <Title order={1} size="h3">
              {name}
            </Title>
          </div>
          <SegmentedControl
            size="sm"
            aria-label={t('ruleHow')}
            value={mode}
            onChange={turnTo}
            data={[
              { value: 'form', label: t('ruleForm') },
              { value: 'yaml', label: t('ruleYaml') },
            ]}
          />
        </Group>
        {mode === 'form' && spec ? (
          <SpecForm schema={stands.schema} spec={spec} onChange={setSpec} />
        ) : (
          <Textarea
            aria-label={t('ruleYaml')}
            autosize
            minRows={12}
            maxRows={40}
            spellCheck={false}
            className="yaml"
            value={text}
            readOnly={busy}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        <Group gap="xs" aria-busy={busy}>
          <Tooltip label={t('needsRole', { role: t(roleNames.administer) })} disabled={mayApply}>
            <Button
              size="sm"
              variant="default"
              aria-disabled={!mayApply}
              data-disabled={mayApply ? undefined : true}
              onClick={() => mayApply && check()}
            >
              {t('ruleCheck')}
            </Button>
          </Tooltip>
          <Button size="sm" variant="default" onClick={whatif}>
            {t('ruleWhatif')}
          </Button>
          {isChecked && (
            <Button size="sm" color="blue.8" onClick={() => apply(said.answer)}>
              {t('ruleApply')}
            </Button>
          )}
        </Group>
        {said?.kind === 'checked' && <Outcome answer={said.answer} />}
        {said?.kind === 'whatif' && <Whatif answer={said.answer} />}
        {said?.kind === 'wrong' && <Wrong why={said.why} />}
        {!isNew && <History kind={kind} name={name} stands={stands.revision ?? 0} onChanged={onChanged} />}
      </Stack>
    </div>
  );
}

import { Text, Title } from '@mantine/core';
import type { PeopleAnswer } from '@anyseat/protocol';
import { useConsole } from '../context.ts';
import type { Scope } from './scope.ts';

const SHOWN = 60;

/** Who is missing by name, of what is looked at. */
export function MissingList({ people, scope }: { people: PeopleAnswer; scope: Scope }) {
  const { t, span } = useConsole();
  const own = people.missing.filter((one) => isIn(one, scope));
  if (own.length === 0 || scope.of === 'allocator') return null;
  const more = (scope.of === 'all' ? people.missingNamed : own.length) - Math.min(own.length, SHOWN);
  return (
    <section aria-label={t('missingNamed')}>
      <Title order={2} size="h4" mb="xs">
        {t('missingNamed')}
      </Title>
      <ul className="missing">
        {own.slice(0, SHOWN).map(({ user, site, department, since }) => (
          <li key={user}>
            <b>{user}</b>
            <Text span size="sm" c="dimmed">
              {` ${[site, department].filter((part) => part !== '').join(' · ')} · ${span(since, people.at)}`}
            </Text>
          </li>
        ))}
      </ul>
      {more > 0 && <Text size="sm">{t('searchMore', { count: more })}</Text>}
    </section>
  );
}

function isIn({ site, department }: PeopleAnswer['missing'][number], scope: Scope): boolean {
  if (scope.of === 'site') return site === scope.site;
  if (scope.of === 'department') return site === scope.site && department === scope.department;
  return true;
}

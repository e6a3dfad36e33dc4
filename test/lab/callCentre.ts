import { createHash } from 'node:crypto';
import { escapeDnValue } from '../../hub/src/domain/distinguishedName.ts';

/**
 * The people of a made-up call centre, the same for every directory under test: a cast that each stands for a trap, and
 * as many agents beside them as a test or a bench wants. Everything follows from the numbers; nothing is random.
 */
export interface Staff {
  user: string;
  /** The common name, as free text. */
  cn: string;
  displayName: string;
  /** Names of OUs from the root of all people downwards. */
  ou: readonly string[];
  password: string;
  /** Names of groups that hold the person directly. */
  groups: readonly string[];
  attributes: Readonly<Record<string, readonly string[]>>;
  /** What keeps the person out, where the directory can express it. */
  state?: StaffState;
}

export type StaffState =
  | 'locked'
  | 'disabled'
  | 'expired'
  | 'password-expired'
  /** Run out, and taken a few times more, where the directory knows of that. */
  | 'in-grace'
  | 'must-change'
  | 'out-of-hours'
  | 'other-workstation';

export interface Team {
  name: string;
  /** Names of groups inside this one. */
  groups: readonly string[];
}

export interface CallCentre {
  staff: readonly Staff[];
  teams: readonly Team[];
  ous: readonly (readonly string[])[];
}

export const BASE = 'dc=call,dc=example';

/** A name at the schema's limit: so many characters. */
function longest(start: string, length: number): string {
  return start.padEnd(length, 'é');
}

/** OUs with every character that has broken somebody's broker. */
export const OUS = {
  night: ['Sales', 'Night'],
  comma: ['Vertrieb, Süd'],
  chinese: ['客服中心', '北京'],
  quoted: ['The "A" team'],
  backslash: ['back\\slash + plus'],
  longest: [longest('Abteilung, "Süd" 客服 ', 64)],
} as const;

/** A password that must never be seen anywhere but in a bind. */
export const CANARY = 'canary-Pw-7f3a91';

const LONGEST_TEAM = longest('Team, "Süd" 客服 #1 ', 64);

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

const member = (user: string, more: Partial<Staff> = {}): Staff => ({
  user,
  cn: user,
  displayName: user,
  ou: OUS.night,
  password: `Pw-${user}-1`,
  groups: [],
  attributes: {},
  ...more,
});

export const CAST: readonly Staff[] = [
  member('anna', {
    cn: 'Anna Müller',
    displayName: 'Anna Müller',
    groups: ['night-shift'],
    attributes: { departmentNumber: ['Sales'], employeeType: ['agent'] },
    password: CANARY,
  }),
  member('obrien', {
    cn: 'O\'Brien, "Pat" \\ Jr.',
    displayName: 'Pat O’Brien',
    ou: OUS.comma,
    groups: ['Team "A", Süd'],
  }),
  member('wang', {
    cn: '王小明',
    displayName: '王小明',
    ou: OUS.chinese,
    groups: ['客服'],
    attributes: { departmentNumber: ['客服中心'] },
    password: '密码Pw-王-1',
  }),
  member('jürgen', {
    cn: 'Jürgen #1 <x> = y; z',
    displayName: 'Jürgen',
    ou: OUS.quoted,
    password: 'Pß-jürgen-1 ',
  }),
  member('plus', { cn: '#Lead + Deputy', displayName: 'Plus', ou: OUS.backslash }),
  // Active Directory's limits; OpenLDAP has none that anybody reaches.
  member('zwanzig-zeichen-lang', {
    cn: longest('王, "Zoë" \\ + ', 64),
    displayName: longest('Zoë 王 ', 256),
    ou: OUS.longest,
    groups: [LONGEST_TEAM],
  }),
  member('cyclist', { groups: ['ring-a'] }),
  member('diver', { groups: ['level-10'] }),
  member('joiner', { groups: range(300).map((i) => `club-${i}`) }),
  member('locked', { state: 'locked' }),
  member('disabled', { state: 'disabled' }),
  member('expired', { state: 'expired' }),
  member('stale', { state: 'password-expired' }),
  member('overdue', { state: 'in-grace' }),
  member('fresh', { state: 'must-change' }),
  member('sleeper', { state: 'out-of-hours' }),
  member('elsewhere', { state: 'other-workstation' }),
];

const TEAMS: readonly Team[] = [
  { name: LONGEST_TEAM, groups: [] },
  { name: 'night-shift', groups: [] },
  { name: 'sales', groups: ['night-shift'] },
  { name: 'everyone', groups: ['sales', 'level-1'] },
  { name: 'Team "A", Süd', groups: [] },
  { name: '客服', groups: [] },
  { name: 'ring-a', groups: ['ring-c'] },
  { name: 'ring-b', groups: ['ring-a'] },
  { name: 'ring-c', groups: ['ring-b'] },
  ...range(10).map((i) => ({ name: `level-${i + 1}`, groups: [`level-${i < 9 ? i + 2 : 4}`] })),
  ...range(300).map((i) => ({ name: `club-${i}`, groups: [] })),
];

/** The cast and `agents` more: `agent00000` and up, spread over 20 OUs and 50 teams, password `Pw-agent00000-1`. */
export function callCentre(agents: number): CallCentre {
  const desks = range(Math.min(20, agents)).map((i) => ['Agents', `Desk ${i}`]);
  const shifts = range(Math.min(50, agents)).map((i) => ({ name: `shift-${i}`, groups: [] }));
  const more = range(agents).map((i) =>
    member(`agent${String(i).padStart(5, '0')}`, {
      cn: `Agent ${i}`,
      displayName: `Agent ${i}`,
      ou: desks[i % desks.length]!,
      groups: [`shift-${i % shifts.length}`],
      attributes: { departmentNumber: [`D${i % 7}`], employeeType: ['agent'] },
    }),
  );
  return {
    staff: [...CAST, ...more],
    teams: [...TEAMS, ...shifts],
    ous: allOus([...Object.values(OUS), ...desks]),
  };
}

/** Every OU with its parents before it. */
function allOus(paths: readonly (readonly string[])[]): (readonly string[])[] {
  const all = new Map(
    paths.flatMap((path) => path.map((_, i) => path.slice(0, i + 1))).map((p) => [p.join('\0'), p]),
  );
  return [...all.values()].sort((a, b) => a.length - b.length);
}

/** All groups of a person: direct, and those that hold them, however deep. */
export function groupsOf(staff: Staff, teams: readonly Team[]): string[] {
  const all = new Set(staff.groups);
  for (const name of all) for (const team of teams) if (team.groups.includes(name)) all.add(team.name);
  return [...all];
}

export const ouDn = (ou: readonly string[], root: string): string =>
  [...ou.map((name) => `ou=${escapeDnValue(name)}`).toReversed(), root].join(',');

/** A version 5-like UUID from a name: the same person has the same one in every run. */
export function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

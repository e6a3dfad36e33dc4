import { z } from 'zod';
import { parseHours } from './hours.ts';

/**
 * Resources: what the operators decide. Data in the store, with revisions, author and diff; written as YAML:
 *
 *     sites:
 *       nantong: { title: Nantong, timeZone: Asia/Shanghai }
 *     seats:
 *       nt-1-001: { site: nantong, label: 1-001, tags: { row: '1' } }
 *
 * A spelling error is an error, never silently dropped. Lengths in time carry their unit in the name.
 */
export const resourceName = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/, {
  error: ({ input }) =>
    `a name has lower-case letters, digits, dots and dashes, 63 at most${nameInstead(String(input))}`,
});

/** What a name could be that was written with blanks and capital letters. */
function nameInstead(written: string): string {
  const name = written
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .replaceAll(/^[.-]+|[.-]+$/g, '')
    .slice(0, 63);
  return /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(name) ? `, such as ${name}` : '';
}

const title = z.string().min(1).max(128);
const tags = z.record(z.string().min(1).max(64), z.string().max(256)).default({});

const timeZone = z.string().refine(isTimeZone, 'not an IANA time zone such as Asia/Shanghai');

export const siteSpec = z.strictObject({
  title: title.describe('What people read on the login page.'),
  timeZone: timeZone.describe('IANA time zone; every schedule of this site uses it.'),
  tags: tags.describe('Free labels that allocators can match.'),
});

export const seatSpec = z.strictObject({
  site: resourceName,
  label: title.describe('What stands on the desk.'),
  tags,
  row: z.int().nonnegative().optional(),
  column: z.int().nonnegative().optional(),
});

const readiness = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('spice') }),
  z.strictObject({ kind: z.literal('tcp'), port: z.int().min(1).max(65535) }),
  z.strictObject({ kind: z.literal('none') }),
]);

export const poolSpec = z
  .strictObject({
    title,
    cloud: resourceName.default('default').describe('A cloud of hub.yaml.'),
    image: z.string().min(1).max(255).describe('Name or id in Glance.'),
    flavor: z.string().min(1).max(255).describe('Name or id in Nova.'),
    networks: z
      .union([z.array(z.string().min(1)).min(1), z.enum(['auto', 'none'])])
      .default('auto')
      .describe('Names or ids in Neutron; or auto, or none.'),
    securityGroups: z.array(z.string().min(1)).default([]),
    availabilityZone: z.string().min(1).optional(),
    configDrive: z.boolean().default(false),
    userData: z.string().max(32_768).optional().describe('cloud-init; {name} and {pool} are filled in.'),
    hostName: z
      .string()
      .regex(/^[a-z][a-z0-9-]*\{n\}[a-z0-9-]*$/i, 'a pattern with {n} in it, such as desk-{n}')
      .default('seat-{n}')
      .describe('The name in the guest; {n} becomes six characters. 15 in all for Windows.'),
    display: z.enum(['spice']).default('spice'),
    readiness: readiness.default({ kind: 'spice' }),
    floor: z.int().min(0).max(100_000).describe('How many desktops are ready at any time.'),
    site: resourceName.optional().describe('By whose clock floors and arrivals are read.'),
    floors: z
      .array(z.strictObject({ hours: hoursText(), floor: z.int().min(0).max(100_000) }))
      .max(500)
      .default([])
      .describe('Other floors at certain times; of several lines that cover a moment the last one counts.'),
    arrivals: z
      .array(z.strictObject({ hours: hoursText(), people: z.int().min(0).max(100_000) }))
      .max(500)
      .default([])
      .describe(
        'How many people sit down within these hours; 40 % of them in the middle sixth. On a day that a line with a date covers, lines without one do not count.',
      ),
    ceiling: z
      .int()
      .min(1)
      .max(100_000)
      .describe('How many desktops there are at most, those in use included.'),
    boots: z.int().min(1).max(1000).default(10).describe('How many may be on their way at once.'),
    toActiveSeconds: z.int().min(5).max(7200).default(600),
    toReadySeconds: z.int().min(5).max(7200).default(900),
    graceSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .default(300)
      .describe('How long a desktop waits for its person after the viewer ended.'),
    afterUse: z
      .enum(['replace', 'rebuild', 'keep'])
      .default('replace')
      .describe(
        'What becomes of a desktop that somebody has used: another server in its place (replace), the same one made anew from the image (rebuild), or it stays theirs (keep, with a binding).',
      ),
    parkAfterHours: z
      .int()
      .min(1)
      .max(8760)
      .optional()
      .describe(
        'A bound desktop that nobody used for so long is switched off; its person’s login switches it on.',
      ),
    renewAtOnce: z
      .int()
      .min(1)
      .max(1000)
      .default(2)
      .describe('How many ready desktops of an older image or specification are replaced at once.'),
    readyHoursMost: z
      .int()
      .min(1)
      .max(8760)
      .optional()
      .describe('A desktop that was ready for longer is replaced.'),
    closed: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe(
        'Why nobody is given a desktop and none is made: maintenance. Whoever has one keeps it until they log off.',
      ),
    handOut: z
      .enum(['oldest', 'newest'])
      .default('oldest')
      .describe('Which of the ready desktops is handed out first.'),
    swaps: z
      .strictObject({
        perPersonHour: z
          .int()
          .min(0)
          .max(100)
          .default(2)
          .describe(
            'How often somebody may say at the seat that their desktop is broken, within an hour; 0: not at all.',
          ),
        perMinute: z
          .int()
          .min(1)
          .max(1000)
          .default(6)
          .describe('How many are swapped within a minute because people or the hub itself say so.'),
        byRule: z
          .boolean()
          .default(true)
          .describe('Whether the hub swaps a desktop by itself when seat and cloud agree that it is lost.'),
        bound: z
          .enum(['operators', 'everybody'])
          .default('operators')
          .describe('Who may swap a desktop that belongs to somebody: what is on it stays behind.'),
        keepHours: z
          .int()
          .min(1)
          .max(8760)
          .default(24)
          .describe(
            'How long a swapped desktop is kept for autopsy, unless it belonged to somebody: those are kept.',
          ),
        keepMost: z.int().min(0).max(1000).default(5).describe('And how many of them at most.'),
      })
      .optional()
      .describe('Broken desktops that are replaced under their people.'),
  })
  .refine((p) => p.site !== undefined || (p.floors.length === 0 && p.arrivals.length === 0), {
    path: ['site'],
    message: 'floors and arrivals are read by the clock of a site: name it',
  })
  .refine((p) => p.floors.every(({ floor }) => floor <= p.ceiling), {
    path: ['floors'],
    message: 'a floor is higher than the ceiling',
  })
  .refine((p) => p.floor <= p.ceiling, { path: ['floor'], message: 'the floor is higher than the ceiling' })
  .refine((p) => p.hostName.length + 3 <= 63, { path: ['hostName'], message: 'longer than 63 characters' });

const clause = {
  groups: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Member of any of these (DN or plain name), nested ones too.'),
  ou: z.array(z.string().min(1)).min(1).optional().describe('Lives under any of these (DN of an OU).'),
  users: z.array(z.string().min(1)).min(1).optional().describe('Any of these login names.'),
  sites: z.array(z.string().min(1)).min(1).optional(),
  hours: z
    .array(hoursText())
    .min(1)
    .optional()
    .describe('At any of these times, by the clock on the wall of the site: mon-fri 08:00-20:00.'),
  person: tagMatch().describe('Attributes of the person in the directory.'),
  seat: tagMatch().describe('Tags of the seat.'),
  tc: tagMatch().describe('Tags of the thin client, as anyseat tc tag gives them.'),
  site: tagMatch().describe('Tags of the site.'),
};

export interface Match {
  groups?: string[] | undefined;
  ou?: string[] | undefined;
  users?: string[] | undefined;
  sites?: string[] | undefined;
  hours?: string[] | undefined;
  person?: Record<string, string | string[]> | undefined;
  seat?: Record<string, string | string[]> | undefined;
  tc?: Record<string, string | string[]> | undefined;
  site?: Record<string, string | string[]> | undefined;
  all?: Match[] | undefined;
  any?: Match[] | undefined;
  not?: Match | undefined;
}

export const match: z.ZodType<Match> = z
  .strictObject({
    ...clause,
    get all() {
      return z.array(match).min(1).optional();
    },
    get any() {
      return z.array(match).min(1).optional();
    },
    get not() {
      return match.optional();
    },
  })
  .refine(
    (m) => Object.values(m).some((v) => v !== undefined),
    'says nothing; for everybody else write default: true',
  );

export const allocatorSpec = z
  .strictObject({
    title,
    priority: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(0)
      .describe('The highest that matches serves the person.'),
    match: match.optional().describe('All clauses must hold; in a list, any.'),
    default: z.boolean().default(false).describe('Serves those whom no other allocator matches.'),
    pools: z
      .array(resourceName)
      .min(1)
      .describe('In order of preference: the next one where the one before has no desktop ready.'),
    sitePools: z
      .record(resourceName, z.array(resourceName).min(1))
      .optional()
      .describe('At these sites, these pools instead.'),
    binding: z
      .enum(['none', 'user', 'seat', 'tc'])
      .default('none')
      .describe('Whether a desktop stays with somebody.'),
    bindingDays: z
      .int()
      .min(1)
      .max(3650)
      .optional()
      .describe('A binding that nobody used for so many days ends, and its desktop is made anew.'),
    whenGone: z
      .enum(['tell', 'new'])
      .optional()
      .describe('When the bound desktop is gone for good: tell the operator (tell), or bind another (new).'),
    queuePriority: z
      .int()
      .min(0)
      .max(1000)
      .optional()
      .describe('In the queue, the highest first; 0 if it is not given. Then by arrival.'),
    graceSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .optional()
      .describe(
        'How long a desktop waits for its person after the viewer ended, instead of what the pool says.',
      ),
    sessions: z
      .int()
      .min(1)
      .max(20)
      .optional()
      .describe('How many sessions somebody may have at once, each at another seat; 1 if it is not given.'),
    afterUse: z
      .enum(['replace', 'rebuild', 'keep'])
      .optional()
      .describe(
        'What becomes of a desktop that somebody has used, instead of what its pool says: another server, the same one made anew from the image, or kept (with a binding only).',
      ),
    viewer: z
      .strictObject({
        monitors: z
          .int()
          .min(1)
          .max(4)
          .optional()
          .describe('How many screens of the seat show the desktop; all, if it is not given.'),
        usb: z
          .boolean()
          .optional()
          .describe(
            'USB devices of the seat are handed to the desktop; false if it is not given: a stick is a way out for data.',
          ),
        audio: z.boolean().optional().describe('Sound and microphone; true if it is not given.'),
        clipboard: z
          .boolean()
          .optional()
          .describe('Copy and paste between the seat and the desktop; true if it is not given.'),
      })
      .refine((v) => Object.values(v).some((one) => one !== undefined), {
        message: 'says nothing: write monitors, usb, audio or clipboard, or leave viewer out',
      })
      .optional()
      .describe('What of the seat the desktop is given.'),
    idle: z
      .strictObject({
        afterMinutes: z.int().min(2).max(1440).describe('Nobody touched keyboard or mouse for so long.'),
        warnMinutes: z
          .int()
          .min(1)
          .max(60)
          .default(2)
          .describe('The last so many of them with a warning on the screen.'),
        action: z
          .enum(['lock', 'logOff'])
          .default('lock')
          .describe(
            'lock: the seat asks for the password, and the desktop waits for its grace. logOff: the session ends.',
          ),
      })
      .refine((i) => i.warnMinutes < i.afterMinutes, {
        path: ['warnMinutes'],
        message: 'is not less than afterMinutes: the warning is a part of the time without a touch',
      })
      .optional()
      .describe('When nobody uses a desktop that is on the screen. A seat that is silent is not idle.'),
    atMost: z
      .strictObject({
        minutes: z.int().min(5).max(43_200).optional().describe('A session lasts for so long at most.'),
        hours: z
          .array(hoursText())
          .min(1)
          .optional()
          .describe(
            'Sessions end when none of these holds any more, by the clock of the site: mon-fri 07:00-22:00.',
          ),
        warnMinutes: z
          .int()
          .min(1)
          .max(120)
          .default(10)
          .describe('A warning stands on the screen for so long before.'),
      })
      .refine((a) => a.minutes !== undefined || a.hours !== undefined, {
        message:
          'says nothing: write how long a session may last (minutes), or when there may be one (hours)',
      })
      .refine((a) => a.minutes === undefined || a.warnMinutes < a.minutes, {
        path: ['warnMinutes'],
        message: 'is not less than minutes: people would be warned from the login on',
      })
      .optional()
      .describe('When a session ends though somebody works, after a warning on their screen.'),
    secondLogin: z
      .enum(['move', 'ask', 'refuse'])
      .optional()
      .describe(
        'When somebody logs in while they work at another seat, at as many as they may: their desktop moves here (move, as if not given), they are asked first (ask), or told to log off there (refuse).',
      ),
    revoked: z
      .strictObject({
        barred: z
          .enum(['end', 'keep'])
          .default('end')
          .describe(
            'Of somebody who was disabled, whose account has run out, or who is gone from the directory.',
          ),
        unmatched: z
          .enum(['end', 'keep'])
          .default('keep')
          .describe(
            'Of somebody whom this allocator would not serve any more: group, OU or attribute changed.',
          ),
        afterMinutes: z
          .int()
          .min(0)
          .max(1440)
          .default(5)
          .describe('How long they work on; who comes back from a break is not let in again at all.'),
      })
      .optional()
      .describe('What becomes of the running session of somebody who has lost access.'),
  })
  .refine((a) => a.binding !== 'none' || (a.bindingDays ?? a.whenGone) === undefined, {
    path: ['binding'],
    message:
      'is none, so there is no binding that bindingDays or whenGone could speak of: write user, seat or tc',
  })
  .refine((a) => a.binding !== 'user' || (a.sessions ?? 1) === 1, {
    path: ['sessions'],
    message:
      'is more than 1, and with binding: user there is one desktop for each person: write binding: none, or leave sessions out',
  })
  .refine((a) => a.afterUse !== 'keep' || a.binding !== 'none', {
    path: ['afterUse'],
    message:
      'is keep without a binding, and a used desktop is never another person’s: write replace or rebuild, or binding: user',
  })
  .refine((a) => a.afterUse === undefined || a.afterUse === 'keep' || a.binding === 'none', {
    path: ['afterUse'],
    message:
      'speaks of desktops that go back to their pool, and a bound one stays with whom it is bound to: write keep, or leave it out',
  })
  .refine((a) => a.default || a.match !== undefined, {
    message: 'has to say whom it matches (match: …), or that it is for everybody else (default: true)',
  })
  .refine((a) => !a.default || a.match === undefined, {
    path: ['match'],
    message:
      'stands beside default: true, which is for everybody whom no other allocator matches: leave one of the two out',
  });

/** Who the people of a department are to the allocators, where it is more than its name. */
const departmentLook = z
  .strictObject({
    groups: z.array(z.string().min(1)).min(1).optional().describe('Groups that all of them are in.'),
    ou: z.string().min(1).optional().describe('The OU that they live under (its DN).'),
    person: z.record(z.string().min(1), z.union([z.string(), z.array(z.string()).min(1)])).optional(),
    seat: z.record(z.string().min(1), z.string()).optional().describe('Tags of the seats where they sit.'),
  })
  .refine((d) => Object.values(d).some((one) => one !== undefined), 'says nothing');

export const rosterSpec = z
  .strictObject({
    title,
    site: resourceName.optional().describe('Of rows that name none.'),
    shifts: z
      .string()
      .min(1)
      .max(262_144)
      .optional()
      .describe(
        'The table itself (CSV: site, department, date, from, to, heads, people, timeZone); a long one is imported (anyseat roster import) or pulled (url).',
      ),
    url: z
      .url({ protocol: /^https?$/, error: 'an address such as https://plan.call.example/roster.csv' })
      .max(2048)
      .optional()
      .describe('Where the table is pulled from.'),
    everyMinutes: z.int().min(1).max(10_080).default(15).describe('How often it is pulled.'),
    earlyMinutes: z
      .int()
      .min(0)
      .max(240)
      .default(20)
      .describe('People sit down from so long before their shift …'),
    lateMinutes: z.int().min(0).max(240).default(10).describe('… to so long after it began.'),
    departments: z
      .record(z.string().min(1).max(128), departmentLook)
      .default({})
      .describe(
        'What allocators see in a head count of a department. Of one that is not here: its name, as a group and as the attribute department.',
      ),
  })
  .refine((r) => r.shifts === undefined || r.url === undefined, {
    path: ['url'],
    message: 'stands beside shifts: the table is written here or pulled, not both',
  })
  .refine((r) => r.earlyMinutes + r.lateMinutes >= 5, {
    path: ['lateMinutes'],
    message: 'people need five minutes at least to sit down: earlyMinutes and lateMinutes together',
  });

export const resourceKinds = ['sites', 'seats', 'pools', 'allocators', 'rosters'] as const;
export type ResourceKind = (typeof resourceKinds)[number];

/** A file of resources, as `anyseat apply -f` reads it. */
export const resourceFile = z.strictObject({
  sites: z.record(resourceName, siteSpec).default({}),
  seats: z.record(resourceName, seatSpec).default({}),
  pools: z.record(resourceName, poolSpec).default({}),
  allocators: z.record(resourceName, allocatorSpec).default({}),
  rosters: z.record(resourceName, rosterSpec).default({}),
});

export const specOf = {
  sites: siteSpec,
  seats: seatSpec,
  pools: poolSpec,
  allocators: allocatorSpec,
  rosters: rosterSpec,
} as const;

export type SiteSpec = z.output<typeof siteSpec>;
export type SeatSpec = z.output<typeof seatSpec>;
export type PoolSpec = z.output<typeof poolSpec>;
export type AllocatorSpec = z.output<typeof allocatorSpec>;
export type RosterSpec = z.output<typeof rosterSpec>;
export type Readiness = z.output<typeof readiness>;
export type ResourceFile = z.output<typeof resourceFile>;
export interface SpecOf {
  sites: SiteSpec;
  seats: SeatSpec;
  pools: PoolSpec;
  allocators: AllocatorSpec;
  rosters: RosterSpec;
}

/** A value to match, or several of which any will do. Compared without regard to case. */
function tagMatch() {
  return z
    .record(z.string().min(1), z.union([z.string(), z.array(z.string()).min(1)]))
    .refine((r) => Object.keys(r).length > 0, 'names no tag')
    .optional();
}

function hoursText() {
  return z.string().superRefine((text, context) => {
    const read = parseHours(text);
    if ('problem' in read) context.addIssue({ code: 'custom', message: read.problem });
  });
}

function isTimeZone(name: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

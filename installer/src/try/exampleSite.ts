/** The example of `npm start`: two sites, three rows of seats, two pools, four allocators and thirteen people. */
export const PASSWORD = 'anyseat';

/** The seat at which the one thin client of the example stands. */
export const EXAMPLE_SEAT = 'nt-1-01';

interface ExamplePerson {
  user: string;
  displayName: string;
  ou: string;
  groups: string[];
  department: string;
  about: string;
}

const travel = (user: string, displayName: string, more: Partial<ExamplePerson> = {}): ExamplePerson => ({
  user,
  displayName,
  ou: 'ou=Hotels,ou=Nantong,dc=call,dc=example',
  groups: ['agents'],
  department: 'Hotels',
  about: 'hotel desk: a pooled desktop, fresh for every shift',
  ...more,
});

const flights = {
  ou: 'ou=Flights,ou=Nantong,dc=call,dc=example',
  department: 'Flights',
  about: 'flight desk: a pooled desktop',
};
const trainee = { groups: ['agents', 'trainees'], about: 'in training: the training room’s pool' };
const leads = {
  ou: 'ou=Leads,dc=call,dc=example',
  groups: ['agents', 'team leads'],
  about: 'team lead: a desktop that stays theirs',
};

export const people: readonly ExamplePerson[] = [
  travel('wang.fang', '王芳'),
  travel('li.na', '李娜'),
  travel('zhang.wei', '张伟'),
  travel('liu.yang', '刘洋', flights),
  travel('chen.jie', '陈杰', flights),
  travel('yang.li', '杨丽', flights),
  travel('zhao.lei', '赵磊', trainee),
  travel('huang.min', '黄敏', trainee),
  travel('zhou.qiang', '周强', leads),
  travel('wu.jing', '吴静', leads),
  travel('xu.gang', '徐刚', {
    ou: 'ou=IT,dc=call,dc=example',
    groups: ['operators'],
    department: 'IT',
    about: 'an operator: the same name and password open the console',
  }),
  travel('anna.berg', 'Anna Berg', {
    ou: 'ou=Guests,dc=call,dc=example',
    groups: [],
    department: 'Visitors',
    about: 'nobody’s group: the default allocator',
  }),
  travel('left.last.year', 'Left Last Year', { about: 'a disabled account: sees why' }),
];

const seats = (site: string, row: number, count: number, tags: Record<string, string>) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => {
      const column = i + 1;
      const label = `${row}-${String(column).padStart(2, '0')}`;
      return [`${site === 'nantong' ? 'nt' : 'sh'}-${label}`, { site, label, tags, row, column }];
    }),
  );

const desk = { image: 'example-desktop', flavor: 'desk.example', hostName: 'desk-{n}' };

export const exampleResources = {
  sites: {
    nantong: { title: '南通呼叫中心 Nantong', timeZone: 'Asia/Shanghai', tags: { country: 'CN' } },
    shanghai: { title: '上海呼叫中心 Shanghai', timeZone: 'Asia/Shanghai', tags: { country: 'CN' } },
  },
  seats: {
    ...seats('nantong', 1, 8, { room: 'floor 1' }),
    ...seats('nantong', 2, 8, { room: 'training' }),
    ...seats('shanghai', 1, 4, { room: 'floor 1' }),
  },
  pools: {
    standard: { ...desk, title: '标准桌面 Standard', floor: 2, ceiling: 6, boots: 2, graceSeconds: 120 },
    training: { ...desk, title: '培训桌面 Training', hostName: 'train-{n}', floor: 1, ceiling: 3, boots: 1 },
  },
  allocators: {
    'team-leads': {
      title: 'Team leads keep their desktop',
      priority: 300,
      match: { groups: ['team leads'] },
      pools: ['standard'],
      binding: 'user',
    },
    trainees: {
      title: 'Trainees, and everybody who sits in the training room',
      priority: 200,
      match: { any: [{ groups: ['trainees'] }, { seat: { room: 'training' } }] },
      pools: ['training', 'standard'],
      idle: { afterMinutes: 60, warnMinutes: 2, action: 'logOff' },
    },
    agents: {
      title: 'Hotel and flight desks',
      priority: 100,
      match: { ou: ['ou=Nantong,dc=call,dc=example'] },
      pools: ['standard'],
    },
    everybody: {
      title: 'Everybody else',
      default: true,
      pools: ['standard'],
      atMost: { minutes: 480, warnMinutes: 10 },
      viewer: { clipboard: false },
    },
  },
};

/** Who comes in at the console by their own password. */
export const consoleRoles = [
  { group: 'operators', role: 'operate' },
  { group: 'team leads', role: 'help', sites: ['nantong'] },
];

/** The users file of the hub's file directory; one hash for all, because all have one password. */
export const usersFile = (passwordHash: string): unknown => ({
  users: people.map((person, i) => ({
    user: person.user,
    displayName: person.displayName,
    uuid: `00000000-0000-4000-8000-${String(i + 1).padStart(12, '0')}`,
    password: passwordHash,
    groups: person.groups,
    ou: person.ou,
    attributes: { department: [person.department] },
    ...(person.user === 'left.last.year' ? { disabled: true } : {}),
  })),
});

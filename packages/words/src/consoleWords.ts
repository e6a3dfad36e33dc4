import { fill, type FieldKinds, type FieldValues } from './fill.ts';
import type { InEach, Language } from './language.ts';

interface ConsoleText {
  readonly fields: FieldKinds;
  readonly said: InEach<string>;
}

const t = (en: string, zh: string, fields: FieldKinds = {}): ConsoleText => ({
  fields,
  said: { en, 'zh-CN': zh },
});
const count = { count: 'number' } as const;

/** What stands on the operators' console. What happened, and why, is in the catalogue. */
export const consoleWords = {
  console: t('Operators’ console', '运维控制台'),
  tabFloor: t('Floor', '座席'),
  tabSessions: t('Sessions', '会话'),
  tabPools: t('Pools', '桌面池'),
  tabDesktops: t('Desktops', '桌面'),
  tabTcs: t('Thin clients', '瘦客户机'),
  tabProblems: t('Problems', '问题'),
  tabAudit: t('Audit', '审计'),
  language: t('Language', '语言'),
  dark: t('Dark', '深色'),
  light: t('Light', '浅色'),
  leave: t('Leave', '退出'),
  leaveTitle: t('{name}: what you may do: {role}', '{name}：权限为{role}', { name: 'text', role: 'text' }),
  live: t('Live', '实时'),
  behind: t('No word from the hub; what you see may be old', '与中枢失去联系，画面可能已过时'),
  roleView: t('look', '查看'),
  roleHelp: t('help desk', '服务台'),
  roleOperate: t('operate', '运维'),
  roleAdminister: t('administer', '管理'),

  shutTitle: t('Come in by a link', '请使用链接进入'),
  shutText: t(
    'Links are good once. Make one on the hub’s machine:',
    '链接只能使用一次。请在中枢服务器上生成：',
  ),
  shutIn: t('Come in', '登录'),
  shutUser: t('Name', '用户名'),
  shutPassword: t('Password', '密码'),
  shutChecking: t('Checking …', '正在验证…'),
  shutNoRole: t(
    'You have no role here. An administrator gives roles to groups in hub.yaml.',
    '您没有此控制台的权限。请联系管理员在 hub.yaml 中为您所在的组授权。',
  ),
  shutOrLink: t('Or by a link', '或使用链接'),
  shutUsed: t('That link was used, or is too old.', '该链接已使用或已过期。'),
  shutOver: t('Your session is over.', '您的会话已结束。'),
  shutAway: t('The hub does not answer.', '中枢没有应答。'),
  shutTunnel: t('From another machine, through a tunnel:', '从其他机器访问，请先建立隧道：'),
  tryAgain: t('Try again', '重试'),

  stateBare: t('no thin client', '无设备'),
  stateOff: t('off', '离线'),
  stateFree: t('free', '空闲'),
  stateWaiting: t('in the queue', '排队中'),
  stateOpening: t('opening', '打开中'),
  stateWorking: t('working', '工作中'),
  stateIdle: t('idle', '闲置'),
  stateAway: t('away', '暂离'),
  stateSilent: t('silent', '失联'),
  stateFault: t('fault', '故障'),

  'desktop-wanted': t('wanted', '待创建'),
  'desktop-creating': t('creating', '创建中'),
  'desktop-unsure': t('unsure', '状态不明'),
  'desktop-building': t('building', '构建中'),
  'desktop-booting': t('booting', '启动中'),
  'desktop-ready': t('ready', '就绪'),
  'desktop-leased': t('in use', '使用中'),
  'desktop-bound': t('bound', '专属'),
  'desktop-parked': t('switched off', '已关机'),
  'desktop-returning': t('returning', '回收中'),
  'desktop-retiring': t('retiring', '退役中'),
  'desktop-broken': t('broken', '故障'),
  'desktop-quarantined': t('quarantined', '隔离'),
  'desktop-gone': t('gone', '已删除'),
  'session-waiting': t('in the queue', '排队中'),
  'session-opening': t('opening', '打开中'),
  'session-connecting': t('connecting', '连接中'),
  'session-connected': t('working', '工作中'),
  'session-away': t('away', '暂离'),
  'session-ended': t('over', '已结束'),

  search: t('Search', '搜索'),
  searchFloor: t('Person, seat, thin client, desktop, address', '姓名、座位、设备、桌面、地址'),
  searchNothing: t('Nothing fits.', '没有匹配项。'),
  searchMore: t('… and {count} more', '……另有 {count} 项', count),
  fit: t('Show all', '显示全部'),
  zoomIn: t('Closer', '放大'),
  zoomOut: t('Further', '缩小'),
  mapLabel: t(
    'Map of {count} seats. Arrow keys go from seat to seat, plus and minus zoom, 0 shows all.',
    '{count} 个座位的地图。方向键移动，加减号缩放，0 显示全部。',
    count,
  ),
  noSeats: t('There are no seats yet', '还没有座位'),
  noSeatsText: t(
    'Sites, seats, pools and allocators are written in a file and applied on the hub’s machine:',
    '站点、座位、桌面池和分配规则写在文件中，在中枢服务器上应用：',
  ),
  worst: t('Needs a look', '需要关注'),
  allWell: t('Every seat is as it should be.', '所有座位正常。'),
  siteDark: t(
    '{off} of {count} seats where somebody works say nothing: the network there?',
    '有人工作的 {count} 个座位中 {off} 个失联：网络故障？',
    { off: 'number', count: 'number' },
  ),

  seat: t('Seat', '座位'),
  site: t('Site', '站点'),
  person: t('Person', '人员'),
  user: t('User', '用户名'),
  state: t('State', '状态'),
  since: t('Since', '起始'),
  desktop: t('Desktop', '桌面'),
  address: t('Address', '地址'),
  host: t('Host', '主机'),
  pool: t('Pool', '桌面池'),
  allocator: t('Allocator', '分配规则'),
  fault: t('Trouble', '故障'),
  fingerprint: t('Fingerprint', '指纹'),
  model: t('Model', '型号'),
  version: t('Version', '版本'),
  seen: t('Last seen', '最近在线'),
  tags: t('Tags', '标签'),
  started: t('Started', '开始'),
  ended: t('Ended', '结束'),
  stages: t('Login took', '登录耗时'),
  viewer: t('Viewer', '客户端'),
  thinClient: t('Thin client', '瘦客户机'),
  nobody: t('Nobody is logged in.', '当前无人登录。'),
  noTc: t('No thin client stands here.', '此处没有瘦客户机。'),
  past: t('Before', '历史会话'),
  pastNone: t('Nobody worked here lately.', '近期无人在此工作。'),
  close: t('Close', '关闭'),
  cancel: t('Cancel', '取消'),
  ago: t('{text} ago', '{text}前', { text: 'text' }),

  endSession: t('End session', '结束会话'),
  endSessionText: t(
    '{name} at seat {seat} loses the desktop {desktop} at once. What was not saved is lost, unless the desktop is theirs for good.',
    '座位 {seat} 的 {name} 将立即失去桌面 {desktop}。未保存的内容会丢失（专属桌面除外）。',
    { name: 'text', seat: 'text', desktop: 'text' },
  ),
  retireDesktop: t('Retire', '退役'),
  retireDesktopText: t(
    'The server of {desktop} is removed for good, with everything on it; the pool makes another. Refused while somebody has it.',
    '{desktop} 的服务器及其全部数据将被永久删除，桌面池会另建一台。使用中的桌面不能退役。',
    { desktop: 'text' },
  ),
  closePool: t('Close', '关闭发放'),
  closePoolText: t(
    'Nobody is given a desktop of {pool} any more and none is made. {count} people keep theirs until they log off. {waiting} wait now.',
    '{pool} 将停止发放和新建桌面。{count} 人可继续使用到退出登录，当前 {waiting} 人排队。',
    { pool: 'text', count: 'number', waiting: 'number' },
  ),
  openPool: t('Open', '恢复发放'),
  openPoolText: t('Desktops of {pool} are made and handed out again.', '{pool} 将恢复新建和发放桌面。', {
    pool: 'text',
  }),
  approve: t('Approve', '批准'),
  approveText: t(
    'Compare with what stands on the box’s screen: {print}. Whoever has this box may let people log in.',
    '请与设备屏幕上的指纹核对：{print}。批准后该设备可供登录。',
    { print: 'text' },
  ),
  approveSeat: t('The seat where it stands', '设备所在座位'),
  approveLater: t('later', '稍后指定'),
  retireTc: t('Refuse', '停用'),
  retireTcText: t(
    'The key of {print} is refused from now on, for good. Seat {seat} is free for another box.',
    '{print} 的密钥将被永久拒绝，座位 {seat} 可安放其他设备。',
    { print: 'text', seat: 'text' },
  ),
  placeTc: t('Place', '指定座位'),
  placeTcText: t('From now on {print} stands at:', '{print} 今后位于：', { print: 'text' }),
  acceptProblem: t('Go on', '确认继续'),
  acceptProblemText: t(
    'The hub held back because so many at once looked wrong. Saying yes lets it go on: {what}.',
    '由于异常数量过多，中枢已暂停处理。确认后将继续：{what}。',
    { what: 'text' },
  ),
  swap: t('Swap desktop', '更换桌面'),
  swapText: t(
    'Another desktop takes the place of this one, which is kept to be looked at:',
    '换一台新桌面，原桌面保留待查：',
  ),
  message: t('Message', '发消息'),
  messageText: t(
    'It stands on the screen of seat {seat} until somebody there takes note of it.',
    '消息显示在座位 {seat} 的屏幕上，直到有人确认。',
    { seat: 'text' },
  ),
  messageWords: t('What it says', '消息内容'),
  lock: t('Lock', '锁定'),
  lockText: t(
    'The desktop of {name} is taken off the screen and waits as in a break; they come back with their password.',
    '{name} 的桌面将从屏幕移除，并像暂离时一样保留，凭密码可返回。',
    { name: 'text' },
  ),
  restartAgent: t('Restart agent', '重启程序'),
  restartAgentText: t(
    'The program of seat {seat} starts anew; whoever works there is back on the same desktop within seconds.',
    '座位 {seat} 的程序将重启，正在工作的人会在数秒内回到原桌面。',
    { seat: 'text' },
  ),
  reboot: t('Reboot box', '重启设备'),
  rebootText: t('The box at seat {seat} starts anew.', '座位 {seat} 的设备将重启。', { seat: 'text' }),
  shutDown: t('Shut down', '关机'),
  shutDownText: t(
    'The box at seat {seat} shuts down. Switching it on by hand, or Wake, brings it back.',
    '座位 {seat} 的设备将关机，可手动开机或远程唤醒。',
    { seat: 'text' },
  ),
  takesDesktop: t(
    '{name} works there and loses sight of the desktop until they log in again.',
    '{name} 正在使用，需重新登录才能返回桌面。',
    { name: 'text' },
  ),
  wake: t('Wake', '唤醒'),
  wakeText: t(
    'A connected neighbour sends the magic packet for seat {seat}.',
    '由同网段的在线设备向座位 {seat} 发送唤醒包。',
    { seat: 'text' },
  ),
  reason: t('Reason, for whoever asks', '原因（供查询）'),
  did: t('Done: {what}', '已完成：{what}', { what: 'text' }),
  didNot: t('Not done', '未完成'),
  needsRole: t('Needs the role “{role}”', '需要“{role}”权限', { role: 'text' }),

  explain: t('Explain', '解释分配'),
  explainUser: t('Who would log in here?', '谁要在此登录？'),
  explainGets: t('Gets the desktop {desktop}', '得到桌面 {desktop}', { desktop: 'text' }),
  explainQueue: t('Waits in the queue, place {count}', '排队，第 {count} 位', count),
  explainElsewhere: t('Works at seat {seat} already', '已在座位 {seat} 工作', { seat: 'text' }),
  explainNone: t('Gets nothing: no allocator serves them', '没有匹配的分配规则'),
  holds: t('holds', '符合'),
  fails: t('does not hold', '不符合'),
  chosen: t('this one', '采用'),
  wantedSaw: t('wanted {wanted}; saw {saw}', '要求 {wanted}；实际 {saw}', { wanted: 'text', saw: 'text' }),
  groups: t('Groups', '用户组'),

  ready: t('ready', '就绪'),
  booting: t('booting', '启动中'),
  inUse: t('in use', '使用中'),
  broken: t('broken', '故障'),
  waiting: t('waiting', '排队'),
  floor: t('floor', '保底'),
  ceiling: t('ceiling', '上限'),
  bootTime: t('usual boot', '通常启动'),
  poolNone: t('There are no pools yet.', '还没有桌面池。'),
  seeDesktops: t('Desktops', '查看桌面'),

  liveOnly: t('Live', '进行中'),
  pastOnly: t('Over', '已结束'),
  rows: t('{count} rows', '{count} 行', count),
  rowsOf: t('{shown} of {count} rows', '{shown}/{count} 行', { shown: 'number', count: 'number' }),
  nothingHere: t('Nothing here.', '暂无内容。'),
  loading: t('Looking …', '加载中……'),
  couldNot: t('This could not be looked at', '无法查看'),

  pendingTitle: t('Wait for approval', '等待批准'),
  online: t('online', '在线'),
  offline: t('offline', '离线'),
  enrolled: t('enrolled', '已登记'),
  pending: t('waits', '待批准'),
  retired: t('refused', '已停用'),

  warnings: t('Warnings', '警告'),
  troubles: t('What does not come right by itself', '无法自动恢复的问题'),
  noTroubles: t('Nothing. Everything comes right by itself.', '没有。一切都能自动恢复。'),
  noWarnings: t('No warnings.', '没有警告。'),
  next: t('What happens next', '后续处理'),
  tries: t('Tries', '次数'),
  parts: t('What the hub stands on', '依赖的服务'),
  store: t('Store', '存储'),
  well: t('well', '正常'),
  unwell: t('not well', '异常'),

  at: t('When', '时间'),
  who: t('Who', '操作者'),
  act: t('Act', '操作'),
  subject: t('On what', '对象'),
  details: t('Details', '详情'),
  older: t('Older', '更早'),
  newest: t('Newest', '最新'),
  verify: t('Verify the chain', '校验哈希链'),
  verified: t('{count} rows, none was changed.', '共 {count} 条，均未被篡改。', count),
  verifyBroken: t(
    'Row {count} does not fit: somebody changed the log.',
    '第 {count} 条不符：日志被篡改。',
    count,
  ),
  save: t('Save as CSV', '导出 CSV'),
} as const satisfies Record<string, ConsoleText>;

export type ConsoleKey = keyof typeof consoleWords;

/** A text of the console. */
export function consoleText(key: ConsoleKey, language: Language, values: FieldValues = {}): string {
  const { said, fields } = consoleWords[key];
  return fill(said[language], fields, values, { language, now: 0 });
}

export const isConsoleKey = (key: string): key is ConsoleKey => Object.hasOwn(consoleWords, key);

const MINUTE = 60_000;
const units = [
  { ms: 24 * 60 * MINUTE, en: 'd', 'zh-CN': '天' },
  { ms: 60 * MINUTE, en: 'h', 'zh-CN': '小时' },
  { ms: MINUTE, en: 'min', 'zh-CN': '分钟' },
  { ms: 1000, en: 's', 'zh-CN': '秒' },
] as const;

/** A length of time in one number and unit: `12 s`, `3 min`, `5 h`. @param ms below 0 counts as 0 */
export function spanWords(ms: number, language: Language): string {
  const past = Math.max(0, ms);
  const unit = units.find((one) => past >= one.ms) ?? units.at(-1)!;
  return `${Math.floor(past / unit.ms)} ${unit[language]}`;
}

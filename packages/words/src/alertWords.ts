import { withFields, type Entry, type Said } from './entry.ts';
import { fill, type FieldValues, type Reader } from './fill.ts';

/** What stands in the sentences of alerts. All of it may be missing. */
const about = {
  name: 'text',
  cloud: 'text',
  site: 'text',
  text: 'text',
  count: 'number',
  most: 'number',
  percent: 'number',
  until: 'time',
} as const;

const alert = (en: [text: string, next: string], zh: [text: string, next: string]): Entry<typeof about> =>
  withFields(about, en, zh);

/** What each alert says, and what to do about it: on the console, in mails, webhooks and the system's log. */
export const alertWords = {
  'store-failing': alert(
    [
      'The store cannot write[: {text}].',
      'Nobody new can log in; people who work go on. Look at the disk of the hub’s machine.',
    ],
    ['存储无法写入[：{text}]。', '新用户无法登录，已登录的不受影响。请检查中枢服务器的磁盘。'],
  ),
  'disk-nearly-full': alert(
    [
      'The disk of the store is nearly full[: {count} MB left].',
      'When it is full nobody can log in. Make room now.',
    ],
    ['存储所在磁盘即将写满[，剩余 {count} MB]。', '写满后将无法登录，请立即清理空间。'],
  ),
  'disk-low': alert(
    ['The disk of the store fills up[: {count} MB left].', 'Make room, or give it a larger disk.'],
    ['存储所在磁盘空间不足[，剩余 {count} MB]。', '请清理空间或扩容。'],
  ),
  'certificate-over': alert(
    [
      'The certificate [{name}|of the hub] ends [on {until}|now], or has ended.',
      'Put a new one in its place and restart the hub. Thin clients know the hub by its key, so keep the key.',
    ],
    [
      '证书[ {name} ]即将到期或已到期[（{until}）]。',
      '请更换证书并重启中枢。瘦客户机按密钥识别中枢，请保留原密钥。',
    ],
  ),
  'certificate-ends': alert(
    [
      'The certificate [{name}|of the hub] ends [on {until}|soon].',
      'Have a new one made with the same key, and restart the hub with it.',
    ],
    ['证书[ {name} ]将[于 {until} ]到期。', '请用原密钥申请新证书，更换后重启中枢。'],
  ),
  'directory-down': alert(
    [
      'The directory [{name}|of the people] does not answer[: {text}].',
      'Its people cannot log in. Those who work go on. Look at the directory’s servers and the network to them.',
    ],
    ['目录[ {name} ]没有应答[：{text}]。', '其用户无法登录，已登录的不受影响。请检查目录服务器及网络。'],
  ),
  'password-guessing': alert(
    [
      'So many wrong passwords come from site [{name}|one site] that somebody may be guessing.',
      'Names and thin clients there have fewer tries for now. Look who types: the audit log.',
    ],
    ['站点[ {name} ]密码错误次数异常，可能有人在猜测密码。', '该站点的尝试次数已临时减少。请查看审计记录。'],
  ),
  'cloud-down': alert(
    [
      'The cloud [{name}|of the desktops] does not answer[: {text}].',
      'Ready desktops are handed out still; none is made or removed. Look at its API.',
    ],
    ['云[ {name} ]没有应答[：{text}]。', '就绪桌面仍可发放，但无法新建或删除。请检查云 API。'],
  ),
  'cloud-incomplete': alert(
    [
      'A part of the cloud [{name}|of the desktops] does not answer: its listings are not whole.',
      'Nothing is held to be gone until they are. Look at its cells and databases.',
    ],
    ['云[ {name} ]的一部分没有应答，列表不完整。', '在恢复之前不会判定任何桌面丢失。请检查各单元和数据库。'],
  ),
  'cloud-slow': alert(
    [
      'The cloud [{name}|of the desktops] is slow[: a look at it takes {count} ms].',
      'Pools fill more slowly. Look at the load of its API and databases.',
    ],
    ['云[ {name} ]响应缓慢[，一次查询需 {count} 毫秒]。', '桌面池补充会变慢。请检查 API 和数据库负载。'],
  ),
  'cloud-service-down': alert(
    [
      '[{name}|A service] of the cloud [{cloud}|of the desktops] is down.',
      'Look at it on its machine: what it does for new desktops is not done.',
    ],
    ['云[ {cloud} ]的服务[ {name} ]已停止。', '请在其所在服务器上检查，新建桌面可能受影响。'],
  ),
  'quota-near': alert(
    [
      'Of the quota for [{name}|servers] in the cloud [{cloud}|of the desktops] [{count} of {most}|nearly all] are used.',
      'At the limit no desktop can be made. Have it raised, or lower the pools’ ceilings.',
    ],
    [
      '云[ {cloud} ]的配额[ {name} ]已使用[ {count}/{most}]。',
      '达到上限后无法新建桌面。请申请提高配额或调低桌面池上限。',
    ],
  ),
  'servers-failed': alert(
    [
      '[{count} servers|Servers] of ours are in ERROR in the cloud [{name}|of the desktops][, such as {text}].',
      'The pools make others in their place. Look why: anyseat get desktops --state broken.',
    ],
    [
      '云[ {name} ]中有[ {count} 台]服务器处于 ERROR 状态[，例如 {text}]。',
      '桌面池会另建替代。请查看原因：anyseat get desktops --state broken。',
    ],
  ),
  'hosts-many-down': alert(
    [
      '[{count} of {most}|Many] hosts of the cloud [{name}|of the desktops] look down at once.',
      'So many are rather its message bus than the hosts, so nothing is taken from anybody. Look at the message bus first.',
    ],
    [
      '云[ {name} ]中[ {count}/{most} 台]主机同时显示离线。',
      '更可能是消息总线故障，因此不会收回任何桌面。请先检查消息总线。',
    ],
  ),
  'host-down': alert(
    [
      'The host [{name}|of some desktops] looks down[; {count} desktops of ours are there].',
      'Its ready desktops are handed out no more. People whose desktop is lost there are given another.',
    ],
    [
      '主机[ {name} ]显示离线[，其上有 {count} 台桌面]。',
      '其就绪桌面已停止发放，失去桌面的人员会得到新桌面。',
    ],
  ),
  'host-crowded': alert(
    [
      'The host [{name}|of some desktops] has promised more than it should[: {text}].',
      'Desktops there may be slow. Drain it for a while (anyseat host drain), or lower the ratios in the cloud.',
    ],
    [
      '主机[ {name} ]超分配[：{text}]。',
      '其上的桌面可能变慢。可暂时排空该主机（anyseat host drain）或调低云的超分比。',
    ],
  ),
  'pool-empty': alert(
    [
      '[{count} people wait|People wait] for a desktop of the pool [{name}|they are served from], and none is ready.',
      'What the pool does about it: anyseat get pools. A higher floor helps the next time.',
    ],
    [
      '桌面池[ {name} ]没有就绪桌面[，{count} 人]正在排队。',
      '请查看桌面池状态：anyseat get pools。提高保底数可避免再次发生。',
    ],
  ),
  'pool-stuck': alert(
    [
      'The pool [{name}|of some desktops] cannot make desktops[: {text}].',
      'It goes on with what it has and tries again by itself. What the cloud says has to be mended there.',
    ],
    ['桌面池[ {name} ]无法新建桌面[：{text}]。', '现有桌面继续使用，并会自动重试。请按云返回的原因处理。'],
  ),
  'pool-broken': alert(
    [
      'In the pool [{name}|of some desktops] [{count}|many] desktops are broken.',
      'What is wrong with each: anyseat get desktops --state broken.',
    ],
    ['桌面池[ {name} ]中有[ {count} 台]故障桌面。', '查看每台的原因：anyseat get desktops --state broken。'],
  ),
  'pool-quarantine': alert(
    [
      'In the pool [{name}|of some desktops] [{count} of {most}|many] desktops are kept in quarantine, which takes their room.',
      'Look at them, and let go of those that nobody needs: anyseat desktop retire.',
    ],
    [
      '桌面池[ {name} ]中有[ {count}/{most} 台]桌面处于隔离状态，占用名额。',
      '请检查并释放不再需要的桌面：anyseat desktop retire。',
    ],
  ),
  'held-back': alert(
    [
      'In the cloud [{cloud}|of the desktops] something waits for an operator’s word[: {text}].',
      'Look at it, then say that it is so: anyseat get problems, anyseat problem accept.',
    ],
    [
      '云[ {cloud} ]中有事项等待确认[：{text}]。',
      '请核实后确认：anyseat get problems，anyseat problem accept。',
    ],
  ),
  'left-undone': alert(
    [
      'In the cloud [{cloud}|of the desktops] [{count} things do|something does] not come right[: {name}, such as {text}].',
      'It is tried again by itself. What it is: anyseat get problems.',
    ],
    [
      '云[ {cloud} ]中有[ {count} 项]问题未能自动恢复[：{name}，例如 {text}]。',
      '系统会继续重试。详情：anyseat get problems。',
    ],
  ),
  'sites-all-dark': alert(
    [
      'Thin clients of [{count}|several] sites fall silent at once.',
      'That is rather the hub’s own network. People go on working; nobody can log in. Look at the hub’s line first.',
    ],
    [
      '[{count} 个|多个]站点的瘦客户机同时失联。',
      '更可能是中枢自身的网络故障。正在工作的人不受影响，但无法登录。请先检查中枢网络。',
    ],
  ),
  'site-dark': alert(
    [
      'At [{name}|one site] [{count} of {most}|many] seats where somebody works say nothing.',
      'People there may go on working; nobody can log in. Look at the line to that site.',
    ],
    [
      '[{name}|某站点]有人工作的座位中[ {count}/{most} 个]失联。',
      '当地人员可能仍在工作，但无法登录。请检查到该站点的线路。',
    ],
  ),
  'row-dark': alert(
    [
      'At [{site}|one site] the row [{name}|of some seats] says nothing[: {count} of {most} seats where somebody works].',
      'Look at its switch and power.',
    ],
    [
      '[{site}|某站点]的[ {name} ]排座位失联[：有人工作的座位 {count}/{most}]。',
      '请检查该排的交换机和电源。',
    ],
  ),
  'seats-silent': alert(
    [
      'At [{name}|one site] [{count} of {most}|many] seats where somebody works say nothing.',
      'Their sessions are kept. What do they have in common: a switch, a floor, a model? The floor map shows them.',
    ],
    [
      '[{name}|某站点]有人工作的座位中[ {count}/{most} 个]失联。',
      '其会话会保留。请在座席图上查看它们的共同点：交换机、楼层或型号。',
    ],
  ),
  'seat-silent': alert(
    [
      'The seat [{name}|of somebody] says nothing while somebody is logged in there[: {text}].',
      'Their session is kept. Look whether the thin client is on, and its line.',
    ],
    ['座位[ {name} ]失联，但仍有人登录[：{text}]。', '其会话会保留。请检查瘦客户机是否开机及其网线。'],
  ),
  'tc-trouble': alert(
    [
      'The thin client [at seat {name}|somewhere] is not well[: {text}].',
      'Look at it, or put another one in its place: the seat keeps its settings.',
    ],
    ['[座位 {name} 的|某台]瘦客户机异常[：{text}]。', '请检查或更换设备，座位设置会保留。'],
  ),
  'tcs-trouble': alert(
    [
      'At [{name}|one site] [{count}|many] thin clients are not well[, such as: {text}].',
      'So many have something in common: the network there, or their last update. All of them: anyseat get tcs.',
    ],
    [
      '[{name}|某站点]有[ {count} 台|多台]瘦客户机异常[，例如：{text}]。',
      '可能有共同原因：当地网络或最近的更新。全部列表：anyseat get tcs。',
    ],
  ),
  'channel-failing': alert(
    [
      'Alerts do not arrive by [{name}|one of the channels][: {text}].',
      'They are kept and sent again. Look at its settings in hub.yaml: anyseat alert test.',
    ],
    [
      '告警无法通过[ {name} ]送达[：{text}]。',
      '告警会保留并重发。请检查 hub.yaml 中的设置：anyseat alert test。',
    ],
  ),
  test: alert(
    ['This is a test of the alerts.', 'Nothing is wrong, and nothing has to be done.'],
    ['这是一条测试告警。', '一切正常，无需处理。'],
  ),
} as const satisfies Readonly<Record<string, Entry>>;

export type AlertWord = keyof typeof alertWords;

/** An alert as sentences. One that this release does not know is said by its code. Never throws. */
export function sayAlert(code: string, reader: Reader, values: FieldValues = {}): Said {
  if (!Object.hasOwn(alertWords, code)) return { text: code, next: '' };
  const { said, fields }: Entry = alertWords[code as AlertWord];
  const { text, next } = said[reader.language];
  return { text: fill(text, fields, values, reader), next: fill(next, fields, values, reader) };
}

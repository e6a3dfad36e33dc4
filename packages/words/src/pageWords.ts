import { fill, type FieldKinds, type FieldValues, type Reader } from './fill.ts';
import type { InEach } from './language.ts';

interface PageText {
  readonly fields: FieldKinds;
  readonly said: InEach<string>;
}

const t = (en: string, zh: string, fields: FieldKinds = {}): PageText => ({
  fields,
  said: { en, 'zh-CN': zh },
});

/** What stands on the login page, besides the codes of the catalogue. */
export const pageWords = {
  seat: t('Seat {label}', '座位 {label}', { label: 'text' }),
  language: t('Language', '语言'),

  logInTitle: t('Log in', '登录'),
  user: t('User name', '用户名'),
  password: t('Password', '密码'),
  showPassword: t('Show password', '显示密码'),
  hidePassword: t('Hide password', '隐藏密码'),
  capsLock: t('Caps Lock is on.', '大写锁定已打开。'),
  logIn: t('Log in', '登录'),
  userMissing: t('Type your user name.', '请输入用户名。'),
  passwordMissing: t('Type your password.', '请输入密码。'),

  changePassword: t('Change password', '更改密码'),
  newPasswordTitle: t('Choose a new password', '设置新密码'),
  presentPassword: t('Present password', '当前密码'),
  newPassword: t('New password', '新密码'),
  newPasswordAgain: t('New password, once more', '再次输入新密码'),
  newPasswordMissing: t('Type a new password.', '请输入新密码。'),
  newPasswordSame: t('That is the password you have now.', '新密码与当前密码相同。'),
  newPasswordsDiffer: t('The two are not the same. Type it once more.', '两次输入不一致，请重新输入。'),
  setPassword: t('Set the new password', '确认更改'),
  back: t('Back', '返回'),
  changingTitle: t('Your password is being changed', '正在更改密码'),
  changingText: t('This takes a moment.', '请稍候。'),

  loggingInTitle: t('Logging in', '正在登录'),
  returningTitle: t('Back to your desktop', '正在返回桌面'),
  loggingInAs: t('as {user}', '用户 {user}', { user: 'text' }),
  stepHub: t('Reaching the service', '连接服务'),
  stepDirectory: t('Checking your password', '验证密码'),
  stepSession: t('Finding your session', '查找会话'),
  stepAllocator: t('Finding your kind of desktop', '确定您的桌面类型'),
  stepDesktop: t('Taking a desktop for you', '为您分配桌面'),
  stepProof: t('Making sure it is the right one', '核对桌面'),
  stepViewer: t('Opening the picture', '打开桌面画面'),
  stepDone: t('done', '已完成'),
  stepActive: t('in progress', '进行中'),
  stepTodo: t('to come', '等待中'),
  cancel: t('Cancel', '取消'),

  questionTitle: t('You are working somewhere else', '您正在其他座位工作'),
  moveHere: t('Open it here', '在这里打开'),

  queuedTitle: t('All desktops are in use right now', '当前没有空闲桌面'),
  queuedText: t(
    'You are in the queue. Your desktop opens by itself as soon as it is your turn.',
    '您已进入排队。轮到您时，桌面会自动打开。',
  ),
  placeLabel: t('Your place', '排队位置'),
  placeNext: t('You are next', '下一位就是您'),
  waitLabel: t('Expected wait', '预计等待'),
  waitUnknown: t('not known yet', '暂无法估计'),

  desktopTitle: t('Your desktop is open', '您的桌面已打开'),
  desktopText: t(
    'It stands in front of this page. If you cannot see it, go back to it here.',
    '桌面显示在本页面之前。如果看不到，请从这里返回。',
  ),
  desktopName: t('Desktop', '桌面'),
  person: t('Person', '用户'),
  openSince: t('Open since', '打开时间'),
  backToDesktop: t('Back to my desktop', '返回我的桌面'),
  logOff: t('Log off', '退出登录'),
  menuTitle: t('Your seat', '您的座位'),
  menuText: t(
    'Your desktop is below this page, as you left it. Ctrl, Alt and Home together open this page again.',
    '您的桌面在本页面下方，保持原样。同时按 Ctrl、Alt 和 Home 键可再次打开本页面。',
  ),
  showAnew: t('Show the desktop anew', '重新显示桌面'),

  replaceDesktop: t('My desktop is broken', '桌面有故障'),
  replaceTitle: t('Replace desktop {desktop}?', '更换桌面 {desktop}？', { desktop: 'text' }),
  replaceText: t(
    'You get another desktop: at once if one is ready, else you wait for it, first in line.',
    '系统会为您更换一台桌面：有空闲桌面时立即更换，否则您排在队伍最前面等候。',
  ),
  replaceLeft: t(
    'What is open on this one, and was not saved elsewhere, does not come along.',
    '当前桌面上打开的内容，以及未保存到其他位置的内容，不会转移到新桌面。',
  ),
  replaceYes: t('Give me another one', '更换桌面'),
  replaceNo: t('Keep this one', '继续使用'),
  replacingTitle: t('Your desktop is being replaced', '正在更换桌面'),

  endedTitle: t('Your desktop is off the screen', '桌面画面已关闭'),
  backNow: t('Go back now', '立即返回'),
  comesBackIn: t('The seat goes back to it by itself in', '座位将自动返回桌面，剩余'),
  comesBackNow: t('The seat is going back to it now.', '座位正在返回桌面。'),
  comesBackWithHub: t(
    'The service is away for the moment. As soon as it is back, the seat goes back to your desktop by itself.',
    '服务暂时中断。恢复后，座位会自动返回您的桌面。',
  ),
  keptFor: t('It is kept for you for another', '桌面将为您保留'),
  keptOver: t('The time for which it was kept is over.', '保留时间已过。'),

  warnedTitle: t('Please note', '请注意'),
  timeLeft: t('Time left', '剩余时间'),
  messageTitle: t('A message for you', '您有一条消息'),
  screenshotTitle: t('May the help desk see your screen?', '是否允许服务台查看您的屏幕？'),
  screenshotText: t(
    'One picture of what is on it now is sent. Close what others should not see first, or say no.',
    '将发送一张当前屏幕的图片。请先关闭不希望他人看到的内容，或选择不允许。',
  ),
  screenshotYes: t('Send one picture', '发送一张图片'),
  screenshotNo: t('No', '不允许'),
  messageRead: t('I have read it', '我已阅读'),

  approvalTitle: t('This box waits for approval', '设备等待批准'),
  approvalText: t(
    'Read these characters to the help desk. As soon as they approve it, this page goes on by itself.',
    '请把下面的字符读给服务台。批准后，本页面会自动继续。',
  ),
  fingerprint: t('Fingerprint of this box', '本设备指纹'),
  noSeatTitle: t('This box has no seat yet', '设备尚未分配座位'),
  noSeatText: t(
    'It is approved. Ask the help desk to give it a seat; this page goes on by itself.',
    '设备已批准。请联系服务台分配座位，分配后本页面会自动继续。',
  ),
  rejectedTitle: t('This box cannot be used right now', '本设备目前不能使用'),

  hubOnline: t('Connected', '已连接'),
  hubConnecting: t('Connecting', '正在连接'),
  hubAway: t('No connection', '未连接'),
  noHubTitle: t('Looking for the service', '正在连接服务'),
  noHubText: t(
    'It does not answer yet. You can type your name and password now; the login goes on by itself.',
    '服务暂时没有应答。您可以先输入用户名和密码，连接后会自动登录。',
  ),
  noHubWorking: t(
    'The service is away for the moment. Your desktop goes on running.',
    '服务暂时中断，您的桌面继续运行。',
  ),
  noHubWaiting: t(
    'The service is away for the moment. Your place is kept.',
    '服务暂时中断，您的排队位置会保留。',
  ),
  agentAway: t('The program of this seat is starting again', '本座位的程序正在重新启动'),
  agentAwayText: t('Please wait a moment.', '请稍候。'),
  notAllowed: t(
    'This page belongs to the seat. Open it with the address that the seat’s program gave.',
    '本页面属于座位程序，请使用程序提供的地址打开。',
  ),

  box: t('Box', '设备'),
  version: t('Version', '版本'),
} as const satisfies Record<string, PageText>;

export type PageKey = keyof typeof pageWords;

/** A text of the page in the reader's language. */
export function pageText(key: PageKey, reader: Reader, values: FieldValues = {}): string {
  const { said, fields } = pageWords[key];
  return fill(said[reader.language], fields, values, reader);
}

import { plain, withFields } from './entry.ts';

/** Why a session left its seat. */
export const releaseWords = {
  moved: withFields(
    { seat: 'text' },
    [
      'Your desktop has moved to [seat {seat}|another seat], because you logged in there.',
      'If that was not you, change your password and tell the help desk at once.',
    ],
    [
      '您在[座位 {seat}|其他座位]登录，桌面已转移到那里。',
      '如果不是您本人操作，请立即更改密码并通知服务台。',
    ],
  ),
  'logged-off': plain(
    ['You have logged off.', 'The seat is free for the next person.'],
    ['您已退出登录。', '座位可供下一位使用。'],
  ),
  'ended-by-operator': withFields(
    { text: 'text' },
    ['An operator ended your session[: {text}].', 'Log in again, or ask the help desk.'],
    ['管理员结束了您的会话[：{text}]。', '请重新登录，或咨询服务台。'],
  ),
  'grace-over': plain(
    ['Your desktop was closed and nobody came back to it in time.', 'Log in again for a desktop.'],
    ['桌面断开后未在规定时间内返回，会话已结束。', '请重新登录以获取桌面。'],
  ),
  'silent-too-long': plain(
    ['Nothing was heard from this seat for a long time, so the session was ended.', 'Log in again.'],
    ['这个座位长时间没有响应，会话已结束。', '请重新登录。'],
  ),
  'desktop-lost': plain(
    ['Your desktop has broken down.', 'Log in again: you will be given another one.'],
    ['您的桌面发生故障。', '请重新登录，系统会为您分配另一台桌面。'],
  ),
  swapped: plain(
    ['Your desktop has been replaced.', 'Another one opens by itself; if not, log in again.'],
    ['您的桌面已更换为另一台。', '新桌面会自动打开；如果没有，请重新登录。'],
  ),
  'swap-too-often': withFields(
    { retryAfterMs: 'wait' },
    [
      'Your desktop was replaced a short while ago.',
      'It can be replaced again in [{retryAfterMs}|a while]. Until then, call the help desk.',
    ],
    ['您的桌面刚刚更换过。', '请在[{retryAfterMs}|一段时间]后再试，在此之前请联系服务台。'],
  ),
  'swap-help-desk': plain(
    [
      'This desktop is not replaced from the seat.',
      'Call the help desk: they can do it, and look after your work.',
    ],
    ['这台桌面不能在座位上更换。', '请联系服务台：他们可以为您更换，并妥善处理您的工作内容。'],
  ),
  'access-ended': plain(
    [
      'Your account may not use this desktop any more.',
      'If that is a mistake, ask your team leader or the help desk.',
    ],
    ['您的账户不能再使用此桌面。', '如有疑问，请联系班组长或服务台。'],
  ),
  'locked-by-operator': plain(
    ['An operator locked this seat.', 'Your desktop is as you left it: log in to go back to it.'],
    ['管理员锁定了这个座位。', '您的桌面保持原样：重新登录即可返回。'],
  ),
  'idle-locked': plain(
    [
      'This seat was not used for a while, so your desktop is locked.',
      'Log in again to go on where you were.',
    ],
    ['这个座位一段时间无人使用，您的桌面已锁定。', '请重新登录，继续之前的工作。'],
  ),
  'idle-too-long': plain(
    ['This seat was not used for a while, so you were logged off.', 'Log in again for a desktop.'],
    ['这个座位一段时间无人使用，您已被注销。', '请重新登录以获取桌面。'],
  ),
  'session-too-long': plain(
    ['Your session has lasted as long as it may.', 'Log in again if you have to go on working.'],
    ['您的会话已达到最长时间。', '如需继续工作，请重新登录。'],
  ),
  'hours-over': plain(
    [
      'The hours for which this desktop is meant are over.',
      'If you have to go on working, ask your team leader.',
    ],
    ['此桌面的使用时段已结束。', '如需继续工作，请联系班组长。'],
  ),
  /** What is to come, on the screen above the desktop; the page counts down. */
  'idle-lock-soon': plain(
    [
      'Nobody has used this seat for a while. Your desktop is about to be locked.',
      'Move the mouse or press a key to go on.',
    ],
    ['这个座位一段时间无人使用，桌面即将锁定。', '移动鼠标或按任意键即可继续。'],
  ),
  'idle-logoff-soon': plain(
    [
      'Nobody has used this seat for a while. You are about to be logged off.',
      'Move the mouse or press a key to go on.',
    ],
    ['这个座位一段时间无人使用，您即将被注销。', '移动鼠标或按任意键即可继续。'],
  ),
  'session-time-soon': plain(
    ['Your session is about to reach its longest time.', 'Save your work and log in anew.'],
    ['您的会话即将达到最长时间。', '请保存工作，然后重新登录。'],
  ),
  'hours-over-soon': plain(
    [
      'The hours for which this desktop is meant are about to end.',
      'Save your work and finish what you are doing.',
    ],
    ['此桌面的使用时段即将结束。', '请保存并完成手头的工作。'],
  ),
  'access-ends-soon': plain(
    [
      'Your account may not use this desktop any more. It is about to be closed.',
      'Save your work. If that is a mistake, ask your team leader at once.',
    ],
    ['您的账户不能再使用此桌面，桌面即将关闭。', '请保存工作。如有疑问，请立即联系班组长。'],
  ),
  'desktop-moves-soon': plain(
    [
      'Your desktop is about to be replaced by another one: the machine that it runs on is looked after.',
      'Save your work and close what is open. The other desktop opens by itself.',
    ],
    [
      '您的桌面即将更换为另一台：其所在的服务器需要维护。',
      '请保存工作并关闭已打开的程序，新桌面会自动打开。',
    ],
  ),
  superseded: plain(
    ['A newer login of yours took the place of this session.', 'Log in again if you want to work here.'],
    ['您有更新的登录，本会话已被取代。', '如需在此工作，请重新登录。'],
  ),
} as const;

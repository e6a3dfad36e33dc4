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
  'access-ended': plain(
    [
      'Your account may not use this desktop any more.',
      'If that is a mistake, ask your team leader or the help desk.',
    ],
    ['您的账户不能再使用此桌面。', '如有疑问，请联系班组长或服务台。'],
  ),
  superseded: plain(
    ['A newer login of yours took the place of this session.', 'Log in again if you want to work here.'],
    ['您有更新的登录，本会话已被取代。', '如需在此工作，请重新登录。'],
  ),
} as const;

import { plain, withFields } from './entry.ts';

/** Why a login, or the way back to a desktop, did not end with one. */
export const loginWords = {
  'wrong-password': plain(
    [
      'The user name or the password is not right.',
      'Type them again. Mind capital letters and the Caps Lock key.',
    ],
    ['用户名或密码不正确。', '请重新输入，注意字母大小写和大写锁定键。'],
  ),
  /** For operators. To a person at a seat it reads like a wrong password. */
  'unknown-user': plain(
    ['The directory knows nobody of that name.', 'Check how the name is spelt.'],
    ['目录中没有这个用户。', '请检查用户名的拼写。'],
  ),
  'ambiguous-user': plain(
    [
      'More than one person goes by that user name.',
      'Type the longer form of your name, such as name@company, or call the help desk.',
    ],
    ['有多个人使用这个用户名。', '请输入完整的用户名（例如 姓名@公司），或联系服务台。'],
  ),
  'empty-password': plain(
    ['The password is missing.', 'Type your password.'],
    ['没有输入密码。', '请输入密码。'],
  ),
  'account-locked': withFields(
    { until: 'time' },
    [
      'Your account is locked[ until {until}].',
      'Wait until it opens again, or call the help desk. More tries do not help.',
    ],
    ['您的账户已被锁定[，{until} 解锁]。', '请等待解锁，或联系服务台。反复尝试没有帮助。'],
  ),
  'account-disabled': plain(
    ['Your account is switched off.', 'Call the help desk, or ask your team leader.'],
    ['您的账户已被停用。', '请联系服务台或您的班组长。'],
  ),
  'account-expired': plain(
    ['Your account has run out.', 'Ask your team leader to have it prolonged.'],
    ['您的账户已过期。', '请让班组长申请延期。'],
  ),
  'not-these-hours': plain(
    ['Your account may not be used at this hour.', 'Log in during your shift, or ask your team leader.'],
    ['您的账户在这个时段不能使用。', '请在您的班次时间内登录，或联系班组长。'],
  ),
  'not-this-workstation': plain(
    [
      'Your account may not be used at this seat.',
      'Log in at one of your own seats, or ask your team leader.',
    ],
    ['您的账户不能在这个座位使用。', '请在允许的座位登录，或联系班组长。'],
  ),
  'password-expired': plain(
    ['Your password has run out.', 'Choose a new one, or call the help desk for one.'],
    ['您的密码已过期。', '请设置新密码，或联系服务台更换。'],
  ),
  'password-must-change': plain(
    ['Your password must be changed before you can go on.', 'Choose a new one, or call the help desk.'],
    ['您必须先更改密码才能继续。', '请设置新密码，或联系服务台。'],
  ),
  'password-changed': plain(
    ['Your password is changed.', 'Log in with the new one.'],
    ['密码已更改。', '请使用新密码登录。'],
  ),
  'password-too-short': withFields(
    { least: 'number' },
    ['The new password is too short.', 'Take [at least {least} characters|a longer one].'],
    ['新密码太短。', '请使用[至少 {least} 个字符的|更长的]密码。'],
  ),
  'password-too-simple': plain(
    [
      'The new password is too simple.',
      'Mix capital and small letters, digits and signs, and leave your name out of it.',
    ],
    ['新密码过于简单。', '请混合使用大小写字母、数字和符号，且不要包含您的姓名。'],
  ),
  'password-too-young': withFields(
    { until: 'time' },
    [
      'Your password was changed only a short while ago.',
      'It can be changed again [from {until} on|later]. If somebody else knows it, call the help desk.',
    ],
    ['您的密码刚刚更改过。', '[{until} 之后|稍后]才能再次更改。如果密码已泄露，请联系服务台。'],
  ),
  'password-used-before': withFields(
    { history: 'number' },
    ['You have used that password before.', 'Take one that is new[, not one of your last {history}].'],
    ['这个密码您以前用过。', '请使用全新的密码[，不能与最近 {history} 个密码相同]。'],
  ),
  'password-not-accepted': withFields(
    { history: 'number' },
    [
      'The new password is not accepted.',
      'Take quite a different one[, not one of your last {history}], without common words or your name.',
    ],
    ['新密码未被接受。', '请换一个完全不同的密码[，不能与最近 {history} 个密码相同]，不要使用常见词或姓名。'],
  ),
  'password-not-changeable': plain(
    ['Your password cannot be changed here.', 'Call the help desk for a new one.'],
    ['您的密码不能在这里更改。', '请联系服务台更换密码。'],
  ),
  'password-change-unknown': plain(
    [
      'The connection broke while your password was being changed.',
      'Try to log in with the new password. If it is not taken, the old one still holds.',
    ],
    ['更改密码时连接中断。', '请先用新密码登录；如果不行，旧密码仍然有效。'],
  ),
  'directory-unavailable': plain(
    ['Passwords cannot be checked at the moment.', 'It is not your password. Try again in a minute.'],
    ['目前无法验证密码。', '这不是您的密码有误，请一分钟后再试。'],
  ),
  'no-allocator': plain(
    ['No kind of desktop is set up for you at this seat.', 'Ask your team leader or the help desk.'],
    ['这个座位没有为您配置桌面。', '请联系班组长或服务台。'],
  ),
  'no-desktop': withFields(
    { pool: 'text' },
    ['No desktop is free[ in {pool}].', 'Try again in a few minutes. If it stays so, tell your team leader.'],
    ['[{pool} 中]没有空闲的桌面。', '请几分钟后再试。如果一直如此，请告诉班组长。'],
  ),
  'pool-missing': withFields(
    { pool: 'text' },
    ['Your kind of desktop[, {pool},] is not set up any more.', 'Call the help desk.'],
    ['您使用的桌面[（{pool}）]已不再提供。', '请联系服务台。'],
  ),
  'too-many-attempts': withFields(
    { retryAfterMs: 'wait' },
    ['Too many attempts in a short time.', 'Wait [{retryAfterMs}|a little], then try once more.'],
    ['短时间内尝试次数过多。', '请等待[{retryAfterMs}|片刻]后再试一次。'],
  ),
  'no-seat': plain(
    ['This box has no seat yet.', 'Ask the help desk to give it one, or use another seat.'],
    ['这台设备还没有分配座位。', '请联系服务台分配座位，或使用其他座位。'],
  ),
  'hub-busy': withFields(
    { retryAfterMs: 'wait' },
    ['Very many people are logging in right now.', 'Try again in [{retryAfterMs}|a moment].'],
    ['现在登录的人很多。', '请在[{retryAfterMs}|片刻]后再试。'],
  ),
  'no-hub': plain(
    ['The service could not be reached in time.', 'Try again. If it stays so, call the help desk.'],
    ['未能及时连接到服务。', '请再试一次。如果一直如此，请联系服务台。'],
  ),
  'login-interrupted': plain(
    ['The connection broke while you were logging in.', 'Type your password again.'],
    ['登录过程中连接中断。', '请重新输入密码。'],
  ),
  'login-cancelled': plain(
    ['The login was cancelled.', 'Log in when you are ready.'],
    ['登录已取消。', '需要时请重新登录。'],
  ),
  'bound-desktop-gone': withFields(
    { desktop: 'text' },
    [
      'Your own desktop[ {desktop}] does not exist any more.',
      'Call the help desk: they can give you another.',
    ],
    ['您的专属桌面[（{desktop}）]已不存在。', '请联系服务台为您分配新的桌面。'],
  ),
  'move-here': withFields(
    { seat: 'text' },
    [
      'Your desktop is open at [seat {seat}|another seat].',
      'If you go on, it closes there and opens here. What you were doing stays as it is.',
    ],
    [
      '您的桌面正在[座位 {seat}|另一个座位]上打开。',
      '如果继续，桌面将在那里关闭并在这里打开，您的工作保持不变。',
    ],
  ),
  'working-elsewhere': withFields(
    { seat: 'text' },
    [
      'You are working at [seat {seat}|another seat].',
      'Log off there first. If you cannot get there, call the help desk.',
    ],
    ['您正在[座位 {seat}|另一个座位]上工作。', '请先在那里注销。如果无法前往，请联系服务台。'],
  ),
  'session-unknown': plain(
    ['Your session is not known any more.', 'Log in again.'],
    ['找不到您的会话。', '请重新登录。'],
  ),
  'desktop-off': plain(
    ['Your desktop was switched off.', 'Go back to it if you want to go on working, or log off.'],
    ['您的桌面已关机。', '如需继续工作，请返回桌面；否则请退出登录。'],
  ),
  'session-over': plain(
    ['Your session has ended.', 'Log in again if you want to go on working.'],
    ['您的会话已结束。', '如需继续工作，请重新登录。'],
  ),
  'cloud-unavailable': plain(
    ['No new desktop can be started at the moment.', 'Try again in a few minutes.'],
    ['目前无法启动新的桌面。', '请几分钟后再试。'],
  ),
  internal: withFields(
    { code: 'text' },
    ['Something went wrong on our side[ ({code})].', 'Try again. If it happens again, call the help desk.'],
    ['系统出现问题[（{code}）]。', '请再试一次。如果再次出现，请联系服务台。'],
  ),
} as const;

import { plain } from './entry.ts';

/** Why the picture of a desktop went away. The desktop itself is usually still there. */
export const viewerWords = {
  'closed-by-person': plain(
    ['You closed the picture of your desktop.', 'Your desktop goes on running. Go back to it, or log off.'],
    ['您关闭了桌面窗口。', '桌面仍在运行。您可以返回桌面，或退出登录。'],
  ),
  'closed-by-desktop': plain(
    [
      'Your desktop closed the connection.',
      'It may have restarted, or been opened at another place. Go back to it, or log off.',
    ],
    ['桌面关闭了连接。', '桌面可能正在重启，或已在别处打开。请返回桌面，或退出登录。'],
  ),
  'stopped-by-agent': plain(
    ['The picture of your desktop was closed by this seat.', 'Go back to it, or log off.'],
    ['本座位关闭了桌面画面。', '请返回桌面，或退出登录。'],
  ),
  'ticket-refused': plain(
    ['Your desktop did not accept this seat.', 'Try again: the seat asks for a new ticket.'],
    ['桌面拒绝了本座位的连接。', '请重试，座位会申请新的许可。'],
  ),
  'tls-failed': plain(
    [
      'The secure connection to your desktop could not be proved.',
      'Call the help desk: a certificate is wrong.',
    ],
    ['无法验证与桌面之间的安全连接。', '请联系服务台：证书有问题。'],
  ),
  unreachable: plain(
    ['Your desktop cannot be reached.', 'Try again in a moment. If it stays so, call the help desk.'],
    ['无法连接到您的桌面。', '请稍后重试。如果一直如此，请联系服务台。'],
  ),
  'timed-out': plain(
    ['Your desktop does not answer.', 'Try again in a moment. If it stays so, call the help desk.'],
    ['您的桌面没有响应。', '请稍后重试。如果一直如此，请联系服务台。'],
  ),
  'link-lost': plain(
    ['The connection to your desktop was lost.', 'Your work is still there. Go back to it.'],
    ['与桌面的连接已中断。', '您的工作仍然保留，请返回桌面。'],
  ),
  crashed: plain(
    ['The program that shows your desktop stopped by itself.', 'Your work is still there. Go back to it.'],
    ['显示桌面的程序意外停止。', '您的工作仍然保留，请返回桌面。'],
  ),
  'no-display': plain(
    ['This seat has no screen to show a desktop on.', 'Restart the box. If it stays so, call the help desk.'],
    ['本座位没有可用的显示屏幕。', '请重启设备。如果一直如此，请联系服务台。'],
  ),
  'viewer-missing': plain(
    ['The program that shows desktops is not installed on this seat.', 'Call the help desk.'],
    ['本座位没有安装显示桌面的程序。', '请联系服务台。'],
  ),
} as const;

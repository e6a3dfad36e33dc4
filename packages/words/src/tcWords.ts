import { plain } from './entry.ts';

/** Why the hub does not serve a thin client, and what is wrong between them. */
export const tcWords = {
  'tc-not-approved': plain(
    ['This box is not approved yet.', 'Read its fingerprint to the help desk.'],
    ['这台设备尚未批准。', '请把设备指纹读给服务台。'],
  ),
  'tc-retired': plain(
    ['This box is taken out of service.', 'Use another seat, and tell the help desk.'],
    ['这台设备已停用。', '请使用其他座位，并通知服务台。'],
  ),
  'bad-signature': plain(
    ['This box could not prove who it is.', 'Restart it. If it stays so, call the help desk.'],
    ['这台设备无法证明自己的身份。', '请重启设备。如果一直如此，请联系服务台。'],
  ),
  'protocol-version': plain(
    ['This box needs an update before it can be used.', 'Call the help desk.'],
    ['这台设备需要更新后才能使用。', '请联系服务台。'],
  ),
  'token-invalid': plain(
    ['The enrolment token of this box is not valid.', 'Read its fingerprint to the help desk instead.'],
    ['这台设备的注册令牌无效。', '请改为把设备指纹读给服务台。'],
  ),
  'hub-untrusted': plain(
    [
      'What answered is not the service this box knows.',
      'Do not type a password here. Call the help desk: the certificate has changed.',
    ],
    ['应答方不是本设备认识的服务。', '请不要在此输入密码。请联系服务台：证书已变更。'],
  ),
  'key-in-use': plain(
    ['Another box uses the same key as this one.', 'Use another seat, and tell the help desk.'],
    ['另一台设备正在使用相同的密钥。', '请使用其他座位，并通知服务台。'],
  ),
} as const;

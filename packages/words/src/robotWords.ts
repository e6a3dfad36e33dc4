import { withFields, plain } from './entry.ts';

/** Why a robot's round failed where no code of a login or a viewer says it; read by operators, in monitoring. */
export const robotWords = {
  'robot-no-screen': withFields(
    { why: 'text' },
    [
      'The robot has no screen to work on[: {why}].',
      'Install xvfb and openbox, or name a display that is there.',
    ],
    ['机器人没有可用的屏幕[：{why}]。', '请安装 xvfb 和 openbox，或指定现有的显示器。'],
  ),
  'robot-no-key': withFields(
    { key: 'text' },
    ['The keyboard of the screen has no key for [{key}|what is to be typed].', 'Change the scenario.'],
    ['屏幕的键盘上没有[ {key} |该]键。', '请修改场景文件。'],
  ),
  'robot-stopped': plain(
    ['The round was stopped before its end.', 'Run it again.'],
    ['本轮检查在结束前被停止。', '请重新运行。'],
  ),
  'robot-late': withFields(
    { seconds: 'number' },
    ['This stage was not over[ within {seconds} s].', 'Look at the hub’s log of this time.'],
    ['该阶段没有[在 {seconds} 秒内]完成。', '请查看中心服务当时的日志。'],
  ),
  'robot-still-queued': withFields(
    { place: 'number', seconds: 'number' },
    [
      'There was no desktop for the robot[ within {seconds} s][; its place in the queue is {place}].',
      'Look at the pool that it is served from.',
    ],
    ['[在 {seconds} 秒内]没有可供机器人使用的桌面[，当前排队位置 {place}]。', '请检查其所用的桌面池。'],
  ),
  'robot-no-picture': withFields(
    { seconds: 'number' },
    [
      'The viewer is connected, and the screen stays of one colour[ for {seconds} s].',
      'Look at the desktop’s console.',
    ],
    ['查看器已连接，但屏幕[在 {seconds} 秒内]始终为单一颜色。', '请查看该桌面的控制台。'],
  ),
  'robot-restless': withFields(
    { percent: 'number' },
    [
      'The picture never comes to rest[: {percent} per cent of it change by themselves], so no answer can be told from it.',
      'Give the robot a desktop on which nothing moves.',
    ],
    ['画面一直在变化[：{percent}% 的内容自行变动]，无法判断桌面是否响应。', '请为机器人准备画面静止的桌面。'],
  ),
  'robot-no-echo': withFields(
    { key: 'text', seconds: 'number' },
    [
      'A key[ ({key})] was pressed, and the picture did not change[ within {seconds} s].',
      'The desktop hangs, or nothing on it takes the keyboard.',
    ],
    [
      '已按键[（{key}）]，但画面[在 {seconds} 秒内]没有变化。',
      '桌面可能已停止响应，或没有程序接收键盘输入。',
    ],
  ),
  'robot-bug': withFields(
    { why: 'text' },
    ['The robot itself failed[: {why}].', 'Look at its log.'],
    ['机器人自身出错[：{why}]。', '请查看其日志。'],
  ),
} as const;

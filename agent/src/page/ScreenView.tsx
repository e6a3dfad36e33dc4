import { useCallback } from 'react';
import type { Intent, PageState } from '../common/bridge.ts';
import { AgentAway } from './screens/AgentAway.tsx';
import { Approval } from './screens/Approval.tsx';
import { DesktopOpen } from './screens/DesktopOpen.tsx';
import { Login } from './screens/Login.tsx';
import { ChangingPassword, NewPassword } from './screens/NewPassword.tsx';
import { NoSeat } from './screens/NoSeat.tsx';
import { Progress } from './screens/Progress.tsx';
import { Question } from './screens/Question.tsx';
import { Queue } from './screens/Queue.tsx';
import { Replacing } from './screens/Replacing.tsx';
import { Rejected } from './screens/Rejected.tsx';
import { ViewerEnded } from './screens/ViewerEnded.tsx';
import { Warned } from './screens/Warned.tsx';

export interface ScreenViewProps {
  state: PageState;
  agentAway: boolean;
  /** Who tried to log in last, until they are at work. */
  lastUser: string;
  onUser: (user: string) => void;
  send: (intent: Intent) => void;
}

/** The screen that the state asks for. */
export function ScreenView({ state, agentAway, lastUser, onUser, send }: ScreenViewProps) {
  const { screen } = state;
  const away = state.hub.phase !== 'online';

  const leave = useCallback(() => send({ type: 'cancel' }), [send]);

  if (agentAway) return <AgentAway />;
  switch (screen.kind) {
    case 'login':
      return (
        <Login
          notice={screen.notice}
          hubAway={away}
          lastUser={lastUser}
          onChangePassword={
            screen.mayChangePassword
              ? (user) => {
                  onUser(user);
                  send({ type: 'wantNewPassword', user });
                }
              : undefined
          }
          onLogin={(user, password) => {
            onUser(user);
            send({ type: 'login', user, password });
          }}
        />
      );
    case 'newPassword':
      return (
        <NewPassword
          key={screen.user}
          notice={screen.notice}
          hubAway={away}
          user={screen.user}
          onChange={(user, password, newPassword) => {
            onUser(user);
            send({ type: 'changePassword', user, password, newPassword });
          }}
          onBack={leave}
        />
      );
    case 'changingPassword':
      return <ChangingPassword user={screen.user} />;
    case 'approval':
      return <Approval fingerprint={screen.fingerprint} />;
    case 'noSeat':
      return <NoSeat />;
    case 'rejected':
      return <Rejected code={screen.code} />;
    case 'loggingIn':
      return (
        <Progress
          stage={screen.stage}
          user={screen.user}
          returning={screen.returning}
          replacing={screen.replacing}
          onCancel={() => send({ type: 'cancel' })}
        />
      );
    case 'starting':
      return (
        <Progress
          stage="viewer"
          user={screen.person}
          returning={screen.returning}
          onBroken={screen.mayReplace ? () => send({ type: 'wantReplacement' }) : undefined}
        />
      );
    case 'replacing':
      return (
        <Replacing
          desktop={screen.desktop}
          hubAway={away}
          onYes={() => send({ type: 'confirm' })}
          onNo={leave}
        />
      );
    case 'questioned':
      return <Question question={screen.question} onYes={() => send({ type: 'confirm' })} onNo={leave} />;
    case 'queued':
      return (
        <Queue
          place={screen.place}
          waitUntil={screen.waitUntil}
          hubAway={away}
          onCancel={() => send({ type: 'cancel' })}
        />
      );
    case 'warned':
      return <Warned screen={screen} send={send} />;
    case 'onDesktop':
      return (
        <DesktopOpen
          key={state.menu ? 'menu' : 'behind'}
          screen={screen}
          hubAway={away}
          menu={state.menu === true}
          send={send}
        />
      );
    case 'viewerEnded':
      return <ViewerEnded screen={screen} hubAway={away} send={send} />;
    default:
      return screen satisfies never;
  }
}

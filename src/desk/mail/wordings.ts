/**
 * The standard wordings, used until an admin sets others. Each tells users what to do, for how long or how often its
 * code is valid, and what to do if they did not ask for it.
 */
import type { WordingKey } from '../records/mail-kinds.ts'

export const STANDARD_WORDINGS: Readonly<Record<WordingKey, string>> = {
  'confirm.en': `Subject: Your confirmation code from {{organisation}}

Hello {{user}},

enter this code in the locked app on {{device}}, and choose a new password:

{{confirmationCode}}

Beside its reset code the app shows two words. Go on only if they are: {{deskWords}}.

The code opens this device once. If you did not ask for it, do not enter it, and tell the helpdesk.
`,
  'confirm.de': `Subject: Ihr Bestätigungscode von {{organisation}}

Guten Tag {{user}},

geben Sie diesen Code in der gesperrten App auf {{device}} ein, und wählen Sie ein neues Passwort:

{{confirmationCode}}

Neben ihrem Reset-Code zeigt die App zwei Wörter. Fahren Sie nur fort, wenn es diese sind: {{deskWords}}.

Der Code öffnet dieses Gerät einmal. Wenn Sie ihn nicht verlangt haben, geben Sie ihn nicht ein, und melden Sie es dem Helpdesk.
`,
  'invite.en': `Subject: {{organisation}}: set up the app on {{device}}

Hello {{user}},

open the app on {{device}}, and paste or scan this invitation:

{{invitation}}

It asks for an enrolment code, which the helpdesk tells you by another way, never by mail.

If you did not expect this, delete it, and tell the helpdesk.
`,
  'invite.de': `Subject: {{organisation}}: die App auf {{device}} einrichten

Guten Tag {{user}},

öffnen Sie die App auf {{device}}, und fügen Sie diese Einladung ein, oder scannen Sie sie:

{{invitation}}

Sie verlangt einen Einrichtungscode. Den sagt Ihnen der Helpdesk auf einem anderen Weg, nie per Mail.

Wenn Sie das nicht erwartet haben, löschen Sie es, und melden Sie es dem Helpdesk.
`,
  'pin-device.en': `Subject: One-time PIN from {{organisation}}

Your one-time PIN for {{device}}:

{{pin}}

Enter it in the app on {{device}}, with your user name {{user}}, and choose a new passcode.

It is good once, until {{expiresAt}}. A newer PIN replaces it at once. If you did not ask for it, tell the helpdesk.
`,
  'pin-device.de': `Subject: Einmal-PIN von {{organisation}}

Ihre Einmal-PIN für {{device}}:

{{pin}}

Geben Sie sie mit Ihrem Benutzernamen {{user}} in der App auf {{device}} ein, und wählen Sie einen neuen Zugangscode.

Sie gilt einmal, bis {{expiresAt}}. Eine neuere PIN ersetzt sie sofort. Wenn Sie sie nicht verlangt haben, melden Sie es dem Helpdesk.
`,
  'pin-desk.en': `Subject: One-time PIN from {{organisation}}

Your one-time PIN for {{device}}:

{{pin}}

Read it to the helpdesk of {{organisation}} when you are asked for it, in a call that you began.

It is good once, until {{expiresAt}}. A newer PIN replaces it at once. If you did not ask for it, tell the helpdesk.
`,
  'pin-desk.de': `Subject: Einmal-PIN von {{organisation}}

Ihre Einmal-PIN für {{device}}:

{{pin}}

Lesen Sie sie dem Helpdesk von {{organisation}} vor, wenn Sie danach gefragt werden, in einem Anruf, den Sie begonnen haben.

Sie gilt einmal, bis {{expiresAt}}. Eine neuere PIN ersetzt sie sofort. Wenn Sie sie nicht verlangt haben, melden Sie es dem Helpdesk.
`,
}

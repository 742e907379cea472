/** Snapshots of the screens in 80×24, as text: what an operator in a hurry sees. ▯ is the terminal's cursor. */
import { describe, expect, it } from 'vitest'
import { begin, CODE, picture, press, WORLD } from './fixtures.ts'

const ENTER = '\r'
const wrong = `${CODE.slice(0, 8)}${CODE[8] === 'X' ? 'Y' : 'X'}${CODE.slice(9)}`

describe('a screen of 80×24', () => {
  it('shows the search for a device', () => {
    expect(picture(press(begin(), 'zo'))).toMatchInlineSnapshot(`
      "
       1 of 7  Find the device
      ────────────────────────────────────────────────────────────────────────────────
       SAY   “Helpdesk. What is your name, please?”
       DO    type a part of the name, or the code that the caller reads

       Find: zo▯

          TAG    NAME          USER            MODEL      STATE
       >  R9A15  Zoë’s phone   zoe@example.ch  iPhone 17  active
          0002D  Zoë’s tablet  zoe@example.ch  iPad       active

       2 of 3 devices











       Enter take it   Up Down move   Esc clear   Ctrl-C leave
      "
    `)
  })

  it('shows the invite command on a desk without devices', () => {
    const { state, asked } = begin()
    const empty = { ...state, devices: [], search: { ...state.search, found: [], isDone: true } }
    expect(picture({ state: empty, asked })).toMatch(/^ {1,7}no devices yet: keydesk device invite --user NAME$/m)
  })

  it('shows the device at a glance', () => {
    expect(picture(press(begin(), `phone${ENTER}`))).toMatchInlineSnapshot(`
      "
       2 of 7  The device                               Zoë’s phone of zoe@example.ch
      ────────────────────────────────────────────────────────────────────────────────
       SAY   “Thank you. Please open the app, choose Forgot password, and leave the
             code on the screen.”

       Device      Zoë’s phone  (R9A15)
       User        zoe@example.ch
       Model       ios iPhone 17
       State       active
       Since       invited yyyy-mm-dd hh:mm +hh:mm, 37 d 12 h ago
       Last reset  never
       App         authenticator app: none
       PIN         none outstanding

       OK    nothing odd about it








       Enter the reset code   Esc another device   Ctrl-E end the call
      "
    `)
  })

  it('shows which symbol of the reset code was misheard', () => {
    expect(picture(press(begin(WORLD, 'phone'), `${ENTER}${wrong}`))).toMatchInlineSnapshot(`
      "
       3 of 7  The reset code                           Zoë’s phone of zoe@example.ch
      ────────────────────────────────────────────────────────────────────────────────
       SAY   “In the second group: what is the third symbol?”

             group 1       group 2       group 3
             R 9 A 1 5     0 0 ▯ 1 H     E G 2 R J

             15 of 15 symbols

       NO    group 2, third symbol: we have X, ask again
       DO    type what the caller says now; if it is the same again, Enter asks the
             desk











       Backspace take back   Ctrl-U begin anew   Esc back   Ctrl-E end the call
      "
    `)
  })

  it('shows the desk words', () => {
    expect(picture(press(begin(WORLD, CODE), ENTER))).toMatchInlineSnapshot(`
      "
       4 of 7  The desk words                           Zoë’s phone of zoe@example.ch
      ────────────────────────────────────────────────────────────────────────────────
       SAY   “So that you know that I am the helpdesk: your app shows two words beside
             the code. They are: believe hero.”


             believe   hero

       OK    the code is genuine, epoch 3

             If they see other words, they do not look at this device: go on with
             nothing, and end the call.











       Enter they see the words   Esc the code again   Ctrl-E end the call
      "
    `)
  })

  it('offers the ways to verify the caller', () => {
    expect(picture(press(begin(WORLD, CODE), `${ENTER}${ENTER}`))).toMatchInlineSnapshot(`
      "
       5 of 7  Who is calling                           Zoë’s phone of zoe@example.ch
      ────────────────────────────────────────────────────────────────────────────────
       SAY   “Before I give you the code, I must make sure that it is you.”
       DO    choose how you make sure: policy asks for one of these

             1  a code of their authenticator app
                they have none that is in force: take another way
             2  a one-time PIN that was mailed to them
                none is in their mail: keydesk pin issue USER --for desk --email
                FILE.eml
             3  calling them back
                hang up, and call the number on file: never one that the caller
                gives
             4  their manager vouches for them
                call the manager yourself
             5  they stand before you
                look at their badge or passport
             6  go on without
                policy warns of it, and the record says so




       1 … 6 that way   Esc back   Ctrl-E end the call
      "
    `)
  })

  it('asks for the ticket before the confirmation', () => {
    expect(picture(press(begin(WORLD, CODE), `${ENTER}${ENTER}3HD-47`))).toMatchInlineSnapshot(`
      "
       6 of 7  Confirm                                  Zoë’s phone of zoe@example.ch
      ────────────────────────────────────────────────────────────────────────────────
       DO    Enter makes the confirmation code. It goes on record with the ticket


       Reset code  R9A15-0031H-EG2RJ, genuine
       Caller      verified by callback

       Ticket, if there is one: HD-47▯














       Enter CONFIRM   Esc back   Ctrl-E end the call
      "
    `)
  })

  it('shows the confirmation code', () => {
    expect(picture(press(begin(WORLD, CODE), `${ENTER}${ENTER}3${ENTER}`))).toMatchInlineSnapshot(`
      "
       6 of 7  The confirmation code                    Zoë’s phone of zoe@example.ch
      ────────────────────────────────────────────────────────────────────────────────
       SAY   “Please type this code into the app. There are three groups of five.”

       digits are underlined

       ▄▀▀▄ █▄▄█ █  █ ▄▀▀▄ █▀▀▄   █  █ ▄▀▀▄ █  █  ▄█  █  █   ▄▀▀▄ ▄▀▀▄ ▄▀▀▄ ▄▀▀▄ █▀▀▄
       █    █▐▌█ █  █ █  █ █  █   █  █    █ █  █ ▀ █  █ █       █ █  █    █ █  █ █  █
       █ ▀█ █  █ █▀▀█  ▀▀█ █  █   █▐▌█  ▄▀  █▐▌█   █  █▀▄     ▀▀▄ █▀▀█  ▄▀  █▐▌█ █▀█
       █  █ █  █ █  █ ▄  █ █  █   █▀▀█ █    █▀▀█   █  █ ▀▄   ▄  █ █  █ █    █  █ █ ▀▄
        ▀▀  ▀  ▀ ▀  ▀  ▀▀  ▀▀▀    ▀  ▀ ▀▀▀▀ ▀  ▀  ▀▀▀ ▀  ▀    ▀▀  ▀  ▀ ▀▀▀▀  ▀▀  ▀  ▀
                      ────             ────      ────        ────      ──── ────
       └────── group 1 ───────┘   └────── group 2 ───────┘   └────── group 3 ───────┘

       GMH9D-W2W1K-3A20R
                         1st      2nd      3rd      4th      5th
       group 1   GMH9D   Golf     Mike     Hotel    nine     Delta
       group 2   W2W1K   Whiskey  two      Whiskey  one      Kilo
       group 3   3A20R   three    Alfa     two      zero     Romeo




       Space next group   a all   Enter how it ended
      "
    `)
  })

  it('shows one group of the confirmation code', () => {
    expect(picture(press(begin(WORLD, CODE), `${ENTER}${ENTER}3${ENTER}  `))).toMatchInlineSnapshot(`
      "
       6 of 7  The confirmation code                    Zoë’s phone of zoe@example.ch
      ────────────────────────────────────────────────────────────────────────────────
       SAY   “The second group: Whiskey, two, Whiskey, one, Kilo.”


       █  █ ▄▀▀▄ █  █  ▄█  █  █
       █  █    █ █  █ ▀ █  █ █
       █▐▌█  ▄▀  █▐▌█   █  █▀▄
       █▀▀█ █    █▀▀█   █  █ ▀▄
       ▀  ▀ ▀▀▀▀ ▀  ▀  ▀▀▀ ▀  ▀
            ────      ────
       └────── group 2 ───────┘

             W  Whiskey
             2  two
             W  Whiskey
             1  one
             K  Kilo





       Space next group   a all   Enter how it ended
      "
    `)
  })

  it('shows the end of the call', () => {
    expect(picture(press(begin(WORLD, CODE), `${ENTER}${ENTER}3HD-4711${ENTER}${ENTER}1`))).toMatchInlineSnapshot(`
      "
       7 of 7  Done                                     Zoë’s phone of zoe@example.ch
      ────────────────────────────────────────────────────────────────────────────────
       SAY   “Goodbye.”

       SAME  by single commands, which also stand on the normal screen:

         $ keydesk reset check R9A15-0031H-EG2RJ --device R9A15
         $ keydesk reset confirm R9A15-0031H-EG2RJ --device R9A15 --verified-by
           callback --ticket HD-4711
         $ keydesk reset outcome R9A15 --opened --ticket HD-4711

       OK    on record: the app is open, entry 13











       n next call   q leave
      "
    `)
  })
})

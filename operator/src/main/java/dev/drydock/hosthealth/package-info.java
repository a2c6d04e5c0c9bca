/**
 * HostHealthPolicy. Looks happen beside the reconciler: live ones in {@link
 * dev.drydock.hosthealth.LiveWatch}, scheduled ones in a CronJob's pod. Each turn takes the newest
 * looks and the alerts in status, and derives the next alerts:
 *
 * <pre>
 *              bad                 bad for `for`             fine
 *   (nothing) ─────▶ Pending ────────────────────▶ Firing ─────────▶ Clearing
 *                       │ fine                       ▲  bad             │ fine for `clearFor`
 *                       ▼                            └──────────────────┤
 *                   (nothing)   ◀── everybody was told ── Resolved ◀────┘
 * </pre>
 *
 * <p>A look that nobody knows the answer of changes nothing: neither fires nor resolves. Timers and
 * who was told are in status, so a restart neither loses nor repeats anything. An alert is told
 * only after it is written: one that was told and lost would be found anew, with another start, and
 * told again. One that is over stays until everybody has heard so, though its check fails again
 * meanwhile; one that ends because nobody looks any more says that, and not "fine". A Host that is
 * named and gone, or forbids to look, is out of sight like any other. One that was pending before
 * planned work neither fires nor begins anew meanwhile. A check that has fired four times within
 * the time of eight looks is told so once, and stays one that fires until it is steady ({@link
 * dev.drydock.hosthealth.Flapping}).
 *
 * <p><b>Scheduled looks.</b> A CronJob's pod gets an immutable ConfigMap named by its content, the
 * hosts' keys, no token, and answers in 4096 bytes of termination message, deflated where that is
 * needed; a host for which there is no room even so can't be looked at, and that is alerted.
 *
 * <p><b>Reports.</b> The operator makes the document of what a pod left ({@code report}), writes it
 * into a ConfigMap named by its minute, and offers it to channels only after status says that there
 * is one: a restart neither loses nor repeats it. What has ended since the last one is in status,
 * put there by the write that ends it, and the report says when that had no room for all.
 *
 * <p><b>Remedies.</b> {@link dev.drydock.hosthealth.RemedyPlan} decides; the intent is written into
 * status, and only a turn that finds it there starts the try, on a thread of its own, under the
 * host's lock. A try that status knows and this process doesn't was interrupted: it counts, and
 * nothing is done twice blindly. Once the lock is had it looks again, since whoever had it may have
 * mended what was seen, and works on those only that both looks found at fault. Whether a step is
 * safe is asked in the script that takes it, at the last moment; its effect is judged by a look
 * that forgives nothing. A step that failed may have changed something, unless it is known that it
 * hasn't. The record of each try is a ConfigMap, written before anything is changed; where that is
 * refused, the remedy goes on all the same, and says that the operator's log alone has it. While a
 * remedy is at work or holds, a check that is fine does not end its alert: what Drydock stopped
 * does not fail, and is not well. That it holds, or came to nothing, is told until it was heard.
 */
@NullMarked
package dev.drydock.hosthealth;

import org.jspecify.annotations.NullMarked;

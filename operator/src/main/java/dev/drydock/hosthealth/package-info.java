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
 * who was told are in status, so a restart neither loses nor repeats anything.
 */
@NullMarked
package dev.drydock.hosthealth;

import org.jspecify.annotations.NullMarked;

/**
 * MaintenanceSchedule: what is done to hosts, and when.
 *
 * <p>The time of it is pure. {@link dev.drydock.maintenance.Calendar} says which slot of a task is
 * due; then, in this order:
 *
 * <pre>
 *   Freezes    frozen?                  Frozen
 *   Window     too late?                Missed, or CutOff within the window
 *   Approvals  nobody approved it?      Blocked
 *   (work)     start it
 * </pre>
 *
 * <p>{@link dev.drydock.maintenance.Conflicts} warns of what will have to wait, Announcements tell
 * people beforehand, and Checklists are what people do. A slot is named by its task and its due
 * time, so that a turn that was late, or comes twice, finds what an earlier one began.
 */
@NullMarked
package dev.drydock.maintenance;

import org.jspecify.annotations.NullMarked;

/**
 * MaintenanceSchedule: what is done to hosts, and when. {@link dev.drydock.maintenance.Conflicts}
 * warns of what will have to wait, Announcements tell people beforehand, Checklists are what people
 * do. All else is runs:
 *
 * <pre>
 *   CronJob, person ──▶ Job, suspended ──RunPlan──▶ let start ──PodGate──▶ pod ──word──▶ outcome
 *                            │ frozen, not approved, too late, …                            ▲
 *                            └───────────── outcome in status, then the Job is removed ─────┘
 * </pre>
 *
 * <p><b>Once, and not forgotten.</b> Nothing starts while the operator is away: a Job waits, and a
 * due time without one gets its Job by the name that the CronJob controller would give it, so that
 * both can't run it. What is written of a due time comes before what is done about it; once it has
 * its outcome, a Job that is made of it again is nobody's, and neither is what was due while the
 * schedule was suspended, or before it was edited. A turn takes one step a task ({@link
 * dev.drydock.maintenance.TaskTurn}), and what the API server refuses to one keeps no other from
 * its step.
 *
 * <p><b>One at a time.</b> Due times that a later one passed over end as Missed, or as Skipped
 * where a run was at work, before anything is done about that one. A Job that a person suspends
 * amid its work keeps its place until they resume or delete it, or take its task out of the
 * schedule.
 *
 * <p><b>Edits.</b> A Job that waits does what its task says now, or is made again: its due time is
 * put back in status before it is taken away; of one that a person asked for, the next is there
 * before the first goes. One that has begun is never made again, and none is taken away that
 * changed since it was looked at. Jobs are made only of a CronJob that informers show as it was
 * installed. A task that is taken out, or made a checklist, amid its run stays in status until its
 * end is told, and what went wrong stays a day, with its log.
 *
 * <p><b>Pods.</b> The Job controller makes a second pod now and then: each is made with a
 * scheduling gate, and one is let begin after status has its name; it is told whether it follows
 * another. Only an update has a next pod. That one goes on with what was begun, however late it is;
 * what is new waits for the next window then. It is waited for, and so is one whose node is down,
 * which is told after ten minutes: nobody else goes on with what was begun. A Job of which no pod
 * has begun by the last start is ended by its own deadline, with what the pod waited for noted on
 * it: a pod that began just then still has the last word.
 *
 * <p><b>Windows.</b> Judged here, and by the pod again: before each host, once its lock is held,
 * before an installation and before a reboot. The next run leaves out hosts that are done only
 * while time, not a failure, ended the one before. An approval covers its own date, and holds as
 * long as it stands in its annotation.
 *
 * <p>Results come from the pods; messages are in status until every channel has had them ({@link
 * dev.drydock.maintenance.TaskLedger}, {@link dev.drydock.maintenance.Mailroom}).
 */
@NullMarked
package dev.drydock.maintenance;

import org.jspecify.annotations.NullMarked;

/**
 * Work that changes hosts: what a task is told, what it does there under the host's lock, and what
 * it leaves word of. Scripts are constants, decisions are pure; hosts are reached through ports.
 * The operator's remedies and the pods of maintenance tasks run the same code.
 *
 * <p>Of an update, each host keeps a note a run of how far that came and what ran before ({@link
 * dev.drydock.work.RunNote}): the pod that follows one that was killed goes on with what was begun,
 * and leaves alone what is done. It looks for notes only as far as there may be some, since hosts
 * are begun in their order ({@link dev.drydock.work.Progress}); of those, one that stays away is
 * lost, and nothing is installed or rebooted elsewhere while that is not known. Of the hosts of a
 * run one is rebooted at a time. A host that does not come back ends the run and is Critical by a
 * flag of its own, whatever room its message had.
 *
 * <p>VACUUM goes table by table and takes no lock that readers or writers wait for: no FULL, no
 * truncation; an advisory lock in the database lets one run at a time. A run of several databases
 * holds the lock of the Secret's to its end, and that of each in its turn; one that is not to be
 * had is named and holds up no other.
 */
@NullMarked
package dev.drydock.work;

import org.jspecify.annotations.NullMarked;

/**
 * SSH by JSch: the only package that imports it.
 *
 * <p>One session a host is kept, and on it one {@code /bin/sh} that is fed scripts: a look is one
 * round trip, however many checks it asks. Past a deadline or a cap everything that a script
 * started is killed by its session id, from a second channel: JSch's own timeouts don't stop a hung
 * read. A refused key is shown again only in growing pauses, since sshd locks out who goes on
 * failing. A changed key is proven on a new session before the old one is dropped. About once an
 * hour a login is tried beside the session, which ends if that is refused: else nobody would notice
 * a key that the host took back. The way through a jump host is a session of its own: a look that
 * hangs there ends nobody behind it.
 *
 * <p>The lock is flock(1) in a shell of a session of its own, and beside it a guard that waits for
 * a word every few seconds. When none comes it kills what runs under the lock, then gives it up. A
 * journal beside the lock says who worked when and on what; looks read it in the same round trip.
 */
@NullMarked
package dev.drydock.adapter.ssh;

import org.jspecify.annotations.NullMarked;

/** Tests of the SSH adapter against a real sshd. */
@NullMarked
package dev.drydock.adapter.ssh;

import org.jspecify.annotations.NullMarked;

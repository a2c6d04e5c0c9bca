/**
 * Work that changes hosts: what a task is told, what it does there under the host's lock, and what
 * it leaves word of. Scripts are constants, decisions are pure; hosts are reached through ports.
 * The operator's remedies and the pods of maintenance tasks run the same code.
 */
@NullMarked
package dev.drydock.work;

import org.jspecify.annotations.NullMarked;

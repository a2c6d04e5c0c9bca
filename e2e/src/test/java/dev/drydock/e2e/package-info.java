/**
 * Stories on the lab: what a person does to a real cluster and real hosts, and what comes of it.
 * Each has a namespace of its own, with the lab's hosts in it.
 */
@NullMarked
package dev.drydock.e2e;

import org.jspecify.annotations.NullMarked;

/**
 * The written report of what policies check: what its pod is told, what it leaves word of, and the
 * document that is made of that for people and machines. Policies and maintenance share it. Pure.
 */
@NullMarked
package dev.drydock.report;

import org.jspecify.annotations.NullMarked;

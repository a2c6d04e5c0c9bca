/** Tests of alerts, their timers and their letters. */
@NullMarked
package dev.drydock.hosthealth;

import org.jspecify.annotations.NullMarked;

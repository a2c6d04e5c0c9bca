/** Slack, SMTP, PagerDuty, Alertmanager and webhooks. */
@NullMarked
package dev.drydock.adapter.notify;

import org.jspecify.annotations.NullMarked;

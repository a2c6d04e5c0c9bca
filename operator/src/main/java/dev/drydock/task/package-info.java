/** What the pods of CronJobs run. They have no Kubernetes rights: files in, exit status out. */
@NullMarked
package dev.drydock.task;

import org.jspecify.annotations.NullMarked;

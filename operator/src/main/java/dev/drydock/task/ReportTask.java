package dev.drydock.task;

import dev.drydock.probe.Looker;
import dev.drydock.report.HealthDocument;
import dev.drydock.report.ReportAssignment;
import dev.drydock.report.ReportAssignment.Part;
import dev.drydock.report.ReportResult;
import dev.drydock.report.ReportResult.HostResult;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks with every check at every host of an assignment. All that it found goes to its log, for
 * machines in one line and for people; what there is room for is left for the operator.
 */
public final class ReportTask {
  private static final Logger LOG = LoggerFactory.getLogger(ReportTask.class);

  private final LookTask task;
  private final PrintStream text;

  /**
   * @param task how hosts are reached, and where the result is left
   * @param text where the words for people go
   */
  public ReportTask(LookTask task, PrintStream text) {
    this.task = task;
    this.text = text;
  }

  /**
   * Looks. That a host can't be looked at is a result, and no failure of the task.
   *
   * @return the process's exit status
   */
  public int run() throws InterruptedException {
    ReportAssignment assignment;
    try {
      assignment = ReportAssignment.fromJson(task.assignment());
    } catch (IOException e) {
      LOG.error("the assignment can't be read: {}", e.getMessage());
      return 1;
    }
    if (assignment.schedule() != null
        && !task.isDue(assignment.schedule(), assignment.timeZone())) {
      LOG.info("not due");
      return task.leave(ReportResult.notDue(task.now()).encode());
    }
    var hosts = new ArrayList<HostResult>();
    for (Part part : assignment.parts()) {
      Map<String, Looker.Sight> sights = task.look(assignment.targets(part));
      sights.forEach((host, sight) -> hosts.add(HostResult.of(part.policy(), host, sight)));
    }
    ReportResult result = ReportResult.of(task.now(), hosts);
    LOG.info("report {}", result.toJson());
    text.println(HealthDocument.of("all hosts", "this", result, List.of(), List.of()).toText());
    return task.leave(result.encode());
  }
}

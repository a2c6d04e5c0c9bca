package dev.drydock.bench;

import dev.drydock.testing.ApiServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The controllers of CronJobs and Jobs, as Kubernetes delivers them. */
final class ControllerManager {
  private ControllerManager() {}

  /** How it is set. */
  enum Pace {
    /** As delivered: 5 CronJobs at a time, and 20 requests a second. */
    DEFAULT,
    /** With as much as this machine gives. */
    HIGH;

    private List<String> options() {
      return switch (this) {
        case DEFAULT -> List.of();
        case HIGH ->
            List.of(
                "--concurrent-cron-job-syncs=50",
                "--concurrent-job-syncs=50",
                "--kube-api-qps=2000",
                "--kube-api-burst=4000");
      };
    }
  }

  static Program start(ApiServer api, Pace pace) throws IOException {
    var command = new ArrayList<String>();
    command.add(api.binary("kube-controller-manager").toString());
    command.add("--kubeconfig=" + api.kubeconfig());
    command.add("--controllers=cronjob-controller,job-controller");
    command.add("--leader-elect=false");
    command.add("--secure-port=0");
    command.addAll(pace.options());
    return Program.start(
        command, api.kubeconfig(), api.kubeconfig().resolveSibling("kube-controller-manager.log"));
  }
}

package dev.drydock.work;

import dev.drydock.port.HostLock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Carries out one step of a remedy, under the host's lock. */
public final class StepWork {
  private static final String ROOT = "/";

  private StepWork() {}

  /**
   * Does what {@code step} says, and returns when that has ended or its deadline is over.
   *
   * @param offenders names of the PM2 processes that the check finds at fault
   * @param path the path that the check looks at, or null
   */
  public static StepOutcome carryOut(
      HostLock lock, Step step, List<String> offenders, @Nullable String path) {
    if (step.isOfOffender() && offenders.isEmpty()) {
      return new StepOutcome.Refused("the check names no process that is not stopped", "");
    }
    return switch (step) {
      case Step.ResetSwap _ -> SwapReset.run(lock);
      case Step.Top top -> Records.top(lock, top.by(), top.count());
      case Step.LogLines logs ->
          logs.process() == null
              ? Records.journal(lock, String.valueOf(logs.unit()), logs.lines(), logs.matching())
              : Records.pm2Logs(
                  lock,
                  Step.names(List.of(logs.process()), offenders),
                  logs.lines(),
                  logs.matching());
      case Step.Configuration(String process) ->
          Records.configuration(lock, Step.names(List.of(process), offenders));
      case Step.Restart(List<String> processes) ->
          Services.restartPm2(lock, Step.names(processes, offenders));
      case Step.RestartUnits(List<String> units) -> Services.restartUnits(lock, units);
      case Step.RestartHeaviest(List<String> processes) ->
          Services.restartHeaviest(lock, processes);
      case Step.Stop(String process) ->
          Services.stopPm2(lock, Step.names(List.of(process), offenders));
      case Step.Hold _ -> new StepOutcome.Done("left the rest to a person", "");
      case Step.CleanUp cleanUp -> DiskCleaning.run(lock, cleanUp, path == null ? ROOT : path);
    };
  }
}

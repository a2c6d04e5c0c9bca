package dev.drydock.work;

import dev.drydock.kernel.Sizes;
import dev.drydock.kernel.Text;
import dev.drydock.port.HostLock;
import dev.drydock.port.HostShell;
import dev.drydock.port.Script;
import dev.drydock.probe.Prelude;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings what is in swap back into memory. Whether there is room for it is asked in the same
 * script, at the last moment: swapoff(8) with too little memory fails or has processes killed.
 */
final class SwapReset {
  private static final Duration TIME = Duration.ofMinutes(15);
  private static final int TOO_LITTLE = 65;
  private static final int NO_SWAP = 66;
  private static final int NO_ROOT = 67;

  // swapon -a knows what fstab(5) names alone, so whatever else was on before is named one by one.
  private static final String RESET =
      Prelude.LIMITED
          + """
          meminfo=$1
          swaps=$2
          sudo='sudo -n'
          [ "$(id -u)" -ne 0 ] || sudo=
          kib() { awk -v key="$1:" '$1 == key { print $2 }' "$meminfo"; }
          listed() { awk 'NR > 1 { print $1, $5 }' "$swaps"; }
          is_on() { listed | device=$1 awk '$1 == ENVIRON["device"] { found = 1 } END { exit !found }'; }
          total=$(kib SwapTotal)
          used=$((${total:-0} - $(kib SwapFree)))
          available=$(kib MemAvailable)
          margin=$(($(kib MemTotal) / 20))
          [ "$margin" -ge 65536 ] || margin=65536
          printf 'available %s\\nused %s\\nmargin %s\\n' "$available" "$used" "$margin"
          before=$(listed)
          [ -n "$before" ] && [ "${total:-0}" -gt 0 ] || exit 66
          [ "${available:-0}" -gt $((used + margin)) ] || exit 65
          $sudo true || exit 67
          began=$(date +%s)
          $sudo swapoff -a 2>&1 </dev/null
          printf 'off %d\\n' $?
          $sudo swapon -a 2>&1 </dev/null
          printf '%s\\n' "$before" | while read -r device priority; do
            ! is_on "$device" || continue
            set -- "$(printf '%b' "$device")"
            [ "$priority" -lt 0 ] || set -- -p "$priority" "$@"
            $sudo swapon "$@" 2>&1 </dev/null
          done
          printf '%s\\n' "$before" | while read -r device priority; do
            is_on "$device" || printf 'gone %s\\n' "$device"
          done
          printf 'took %d\\n' $(($(date +%s) - began))
          printf 'left %s\\n' $(($(kib SwapTotal) - $(kib SwapFree)))
          """;

  private SwapReset() {}

  static StepOutcome run(HostLock lock) {
    return run(lock, "/proc/meminfo", "/proc/swaps");
  }

  /** As {@link #run(HostLock)}, by files that say what the kernel's own would. */
  static StepOutcome run(HostLock lock, String meminfo, String swaps) {
    // Cut off in the middle, it would leave the host without swap.
    return switch (lock.runToItsEnd(Script.of(RESET, List.of(meminfo, swaps)), TIME)) {
      case HostShell.Failed failed ->
          new StepOutcome.Lost(
              failed.message() + ": see whether swap is on, and run swapon -a if it is not");
      case HostShell.Completed completed -> read(completed.exitCode(), completed.output());
    };
  }

  /** Reads what the script prints. Never throws for anything that a host printed. */
  static StepOutcome read(int status, String output) {
    Map<String, Long> figures = new HashMap<>();
    var gone = new ArrayList<String>();
    for (String line : output.split("\n", -1)) {
      String[] words = line.split(" ", 2);
      if (words.length == 2 && words[0].equals("gone")) {
        gone.add(Text.line(words[1], 100));
      } else if (words.length == 2 && words[1].matches("[0-9]{1,12}")) {
        figures.put(words[0], Long.valueOf(words[1]));
      }
    }
    String held =
        size(figures, "available")
            + " of memory available, "
            + size(figures, "used")
            + " swap in use";
    if (!gone.isEmpty()) {
      return new StepOutcome.Failed(
          "SWAP IS OFF: "
              + String.join(", ", gone)
              + " did not come back on after swapoff: run swapon "
              + String.join(" ", gone),
          output);
    }
    return switch (status) {
      case TOO_LITTLE ->
          new StepOutcome.Refused(
              "swap was not reset, since that needs more memory: "
                  + held
                  + ", "
                  + size(figures, "margin")
                  + " to spare asked for",
              output);
      case NO_SWAP -> new StepOutcome.Refused("swap was not reset: the host has none", output);
      case NO_ROOT ->
          new StepOutcome.Refused(
              "swap was not reset: the SSH user can't become root by sudo -n", output);
      case 0 -> {
        if (figures.getOrDefault("off", 1L) != 0) {
          yield new StepOutcome.Failed(
              "swapoff failed, and swap is on again as before (" + held + ")", output);
        }
        yield new StepOutcome.Done(
            "reset swap in "
                + figures.getOrDefault("took", 0L)
                + " s ("
                + held
                + " before, "
                + size(figures, "left")
                + " after)",
            output);
      }
      default -> new StepOutcome.Failed("the reset of swap ended with status " + status, output);
    };
  }

  private static String size(Map<String, Long> figures, String key) {
    Long kib = figures.get(key);
    return kib == null ? "?" : Sizes.text(kib * 1024);
  }
}

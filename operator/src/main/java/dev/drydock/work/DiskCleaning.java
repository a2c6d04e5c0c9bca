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
import java.util.Map;

/**
 * Frees disk space: what package managers have downloaded, old journal entries, container images
 * that nothing uses. Whatever lies in a protected path, or holds one, is left alone.
 */
final class DiskCleaning {
  private static final Duration TIME = Duration.ofMinutes(15);
  private static final int NO_ROOT = 67;
  private static final int LENGTH = 100;

  private static final String CLEAN =
      Prelude.LIMITED
          + """
          path=$1
          cache=$2
          journal=$3
          images=$4
          shift 4
          sudo='sudo -n'
          [ "$(id -u)" -ne 0 ] || sudo=
          $sudo true || exit 67
          limit=200
          available() { df -P -k -- "$path" | awk 'NR == 2 { print $4 }'; }
          # Sets real to $1 with every link followed, and a slash at its end.
          follow() {
            real=$(readlink -f -- "$1") || real=$1
            [ "$real" = / ] || real=${real%/}/
          }
          # what directory protected…: whether that lies in a protected path, or holds one.
          spared() {
            what=$1
            directory=$2
            shift 2
            follow "$directory"
            cleaned=$real
            for protected; do
              follow "$protected"
              case $cleaned in
                "$real"*) ;;
                *) case $real in "$cleaned"*) ;; *) continue ;; esac ;;
              esac
              printf 'spared\\t%s\\t%s\\t%s\\n' "$what" "$directory" "$protected"
              return 0
            done
            return 1
          }
          do_it() {
            what=$1
            shift
            said=$(limited $sudo "$@" 2>&1 </dev/null)
            printf 'did\\t%s\\t%d\\n' "$what" $?
            printf '%s\\n' "$said" | head -c 4000 | sed 's/^/ /'
          }
          printf 'before %s\\n' "$(available)"
          if [ "$cache" = yes ]; then
            what='the package cache'
            if command -v apt-get >/dev/null; then
              spared "$what" /var/cache/apt "$@" || do_it "$what" apt-get clean
            elif command -v dnf >/dev/null; then
              spared "$what" /var/cache/dnf "$@" || spared "$what" /var/cache/libdnf5 "$@" ||
                do_it "$what" dnf -q clean packages
            elif command -v apk >/dev/null && [ -d /etc/apk/cache ]; then
              spared "$what" /etc/apk/cache "$@" || do_it "$what" apk cache clean
            else
              printf 'absent\\t%s\\n' "$what"
            fi
          fi
          if [ "$journal" -gt 0 ]; then
            what='old journal entries'
            if command -v journalctl >/dev/null; then
              spared "$what" /var/log/journal "$@" || spared "$what" /run/log/journal "$@" ||
                do_it "$what" journalctl -q --vacuum-time="${journal}s"
            else
              printf 'absent\\t%s\\n' "$what"
            fi
          fi
          if [ "$images" = yes ]; then
            what='unused container images'
            root=
            if command -v docker >/dev/null; then
              root=$(limited $sudo docker info -f '{{.DockerRootDir}}' </dev/null)
            fi
            case $root in
              # Where Docker has containerd keep its images, they lie beside its own directory.
              /*) spared "$what" "$root" "$@" || spared "$what" /var/lib/containerd "$@" || do_it "$what" docker image prune -af ;;
              *) printf 'absent\\t%s\\n' "$what" ;;
            esac
          fi
          printf 'after %s\\n' "$(available)"
          """;

  private DiskCleaning() {}

  /**
   * @param path what is freed is told of the file system that it lies on
   */
  static StepOutcome run(HostLock lock, Step.CleanUp cleanUp, String path) {
    var words = new ArrayList<String>();
    words.add(path);
    words.add(cleanUp.packageCache() ? "yes" : "no");
    Duration age = cleanUp.journalOlderThan();
    words.add(Long.toString(age == null ? 0 : Math.max(1, age.toSeconds())));
    words.add(cleanUp.unusedImages() ? "yes" : "no");
    words.addAll(cleanUp.protectedPaths());
    return switch (lock.run(Script.of(CLEAN, words), TIME)) {
      case HostShell.Failed failed -> new StepOutcome.Lost(failed.message());
      case HostShell.Completed completed -> read(completed.exitCode(), completed.output());
    };
  }

  /** Reads what the script prints. Never throws for anything that a host printed. */
  static StepOutcome read(int status, String output) {
    if (status == NO_ROOT) {
      return new StepOutcome.Refused(
          "nothing was removed: the SSH user can't become root by sudo -n", output);
    }
    Map<String, Long> figures = new HashMap<>();
    var removed = new ArrayList<String>();
    var left = new ArrayList<String>();
    boolean failed = false;
    for (String line : output.split("\n", -1)) {
      String[] words = line.split("[\t ]", -1);
      String[] parts = line.split("\t", -1);
      if (words.length == 2 && words[1].matches("[0-9]{1,15}")) {
        figures.put(words[0], Long.valueOf(words[1]));
      } else if (parts[0].equals("did") && parts.length == 3) {
        if (parts[2].equals("0")) {
          removed.add(text(parts[1]));
        } else {
          failed = true;
          left.add(text(parts[1]) + " could not be removed (status " + text(parts[2]) + ")");
        }
      } else if (parts[0].equals("spared") && parts.length == 4) {
        left.add(
            text(parts[1])
                + " left alone, since "
                + text(parts[2])
                + " meets the protected "
                + text(parts[3]));
      } else if (parts[0].equals("absent") && parts.length == 2) {
        left.add("the host has nothing that keeps " + text(parts[1]));
      }
    }
    var said = new ArrayList<String>();
    if (!removed.isEmpty()) {
      said.add("removed " + String.join(", ", removed) + freed(figures));
    }
    said.addAll(left);
    String message = said.isEmpty() ? "the host printed nothing of it" : String.join("; ", said);
    if (failed || said.isEmpty()) {
      return new StepOutcome.Failed(message, output);
    }
    return removed.isEmpty()
        ? new StepOutcome.Refused(message, output)
        : new StepOutcome.Done(message, output);
  }

  private static String freed(Map<String, Long> figures) {
    Long before = figures.get("before");
    Long after = figures.get("after");
    return before == null || after == null
        ? ""
        : ", which freed " + Sizes.text(Math.max(0, after - before) * 1024);
  }

  private static String text(String text) {
    return Text.line(text, LENGTH);
  }
}

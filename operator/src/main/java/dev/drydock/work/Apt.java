package dev.drydock.work;

import dev.drydock.port.Script;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Debian, Ubuntu and their kin. */
record Apt() implements PackageManager {
  private static final Pattern INST =
      Pattern.compile("^Inst (\\S+)(?: \\[([^\\]]*)\\])? \\((\\S+) (.*?)(?: \\[[^\\]]*\\])?\\).*$");
  private static final Pattern BYTES = Pattern.compile("(?m)^@bytes ([0-9]{1,15})$");
  private static final Pattern HELD =
      Pattern.compile(
          "(?m)^The following (?:packages have been kept back|upgrades have been deferred due to"
              + " phasing):\\n((?: +.*\\n)*)");
  private static final Pattern UNREACHABLE =
      Pattern.compile(
          "(?m)^(?:(?:[WE]: Failed to fetch|W: An error occurred during the signature verification.*GPG error:)"
              + " |E: The repository ')(\\S+)");
  private static final Pattern REMOVED = Pattern.compile("(?m)\\b([0-9]{1,6}) to remove\\b");

  // Questions have the answers that keep a changed configuration file as it is. needrestart(1)
  // restarts services that still use old libraries by itself.
  private static final String APT =
      Shell.COMMON
          + """
          apt() {
            as_root env LC_ALL=C DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a \\
              APT_LISTCHANGES_FRONTEND=none apt-get -q -y \\
              -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \\
              -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@"
          }
          # security or all: with security, what its archive has goes before newer versions of other
          # archives, so that a fix is seen even where something newer hides it.
          prefer() {
            preferences=
            [ "$1" = security ] || return 0
            preferences=$(mktemp) || exit 73
            trap 'rm -f "$preferences"' EXIT
            {
              cat /etc/apt/preferences 2>/dev/null
              printf '\\nPackage: *\\nPin: release a=*-security\\nPin-Priority: 990\\n'
              printf '\\nPackage: *\\nPin: release l=Debian-Security\\nPin-Priority: 990\\n'
            } >"$preferences"
            chmod 644 "$preferences"
          }
          # all, or security and the names of packages: what is asked of apt.
          upgrade() {
            if [ "$1" = security ]; then
              shift
              apt -o "Dir::Etc::Preferences=$preferences" "$option" install --only-upgrade --no-remove -- "$@"
            else
              apt "$option" upgrade --with-new-pkgs
            fi
          }
          """;

  /** dpkg --audit also names packages that are whole, such as those without md5sums. */
  private static final String HALF_INSTALLED =
      """
      half_installed() {
        dpkg-query -W -f '${db:Status-Abbrev}|${binary:Package}\\n' | awk -F '|' '
          BEGIN {
            state["H"] = "half installed"; state["U"] = "unpacked"; state["F"] = "half configured"
            state["W"] = "waiting for triggers"; state["t"] = "waiting for its triggers"
          }
          substr($1, 3, 1) == "R" { print $2 " must be installed again"; next }
          substr($1, 2, 1) in state { print $2 " is " state[substr($1, 2, 1)] }
        '
      }
      """;

  private static final String REPAIR =
      APT
          + HALF_INSTALLED
          + """
          broken=
          [ -z "$(ls /var/lib/dpkg/updates 2>/dev/null)" ] || broken=yes
          [ -z "$(half_installed)" ] || broken=yes
          if [ -n "$broken" ]; then
            echo repaired
            retried 8000 as_root env LC_ALL=C DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a \\
              dpkg --force-confdef --force-confold --configure -a
          fi
          if ! apt check >/dev/null 2>&1; then
            [ -n "$broken" ] || echo repaired
            kept 8000 apt -f install --no-remove
          fi
          """;

  private static final String REFRESH = APT + "retried 16000 apt update\n";

  private static final String PENDING =
      APT
          + """
          prefer "$1"
          if [ -n "$preferences" ]; then
            set -- -o "Dir::Etc::Preferences=$preferences"
          else
            set --
          fi
          text=$(kept 400000 apt "$@" -s upgrade --with-new-pkgs)
          status=$?
          printf '%s\\n' "$text" | grep -v -e '^Conf ' -e '^NOTE' -e '^Reading '
          printf '@bytes '
          apt "$@" --print-uris upgrade --with-new-pkgs 2>/dev/null |
            awk '/^\\047/ { sum += $3 } END { printf "%d\\n", sum }'
          exit "$status"
          """;

  private static final String DOWNLOAD =
      APT
          + """
          prefer "$1"
          option=-d
          kept 16000 upgrade "$@"
          """;

  private static final String INSTALL =
      APT
          + """
          prefer "$1"
          option=-q
          kept 16000 upgrade "$@"
          """;

  private static final String CLEAN =
      APT
          + """
          kept 8000 apt autoremove || exit $?
          kept 2000 apt autoclean
          """;

  /** What another one is installing just now comes to its end first. */
  private static final String AUDIT =
      HALF_INSTALLED
          + """
          for pause in 10 10 10 0; do
            text=$(half_installed)
            [ -n "$text" ] || exit 0
            sleep "$pause"
          done
          printf '%s\\n' "$text" | head -c 4000
          """;

  @Override
  public String name() {
    return "apt-get";
  }

  @Override
  public Script repair() {
    return Script.of(REPAIR, List.of());
  }

  @Override
  public Script refresh() {
    return Script.of(REFRESH, List.of());
  }

  @Override
  public List<String> unreachable(String output) {
    return PackageManager.found(UNREACHABLE, output);
  }

  @Override
  public Script pending(boolean securityOnly) {
    return Script.of(PENDING, List.of(scope(securityOnly)));
  }

  @Override
  public Pending read(String output, boolean securityOnly) {
    var changes = new ArrayList<Change>();
    for (String line : output.lines().toList()) {
      Matcher inst = INST.matcher(line);
      if (inst.matches()) {
        String from = Objects.requireNonNullElse(inst.group(2), "");
        if (!securityOnly || isSecurity(inst.group(4), from)) {
          changes.add(new Change(inst.group(1), from, inst.group(3)));
        }
      }
    }
    Matcher bytes = BYTES.matcher(output);
    return new Pending(
        changes,
        PackageManager.found(HELD, output).stream()
            .flatMap(names -> List.of(names.strip().split("\\s+")).stream())
            .toList(),
        bytes.find() && !securityOnly
            ? OptionalLong.of(Long.parseLong(bytes.group(1)))
            : OptionalLong.empty());
  }

  /** A package that is new comes along with the one that needs it. */
  private static boolean isSecurity(String archives, String from) {
    if (from.isEmpty()) {
      return false;
    }
    for (String archive : archives.split(", ", -1)) {
      if (archive.startsWith("Debian-Security:")
          || archive.matches("(Debian|Ubuntu|UbuntuESM|UbuntuESMApps):.*-security")) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Script download(boolean securityOnly, List<Change> changes) {
    return Script.of(DOWNLOAD, words(securityOnly, changes));
  }

  @Override
  public Script install(boolean securityOnly, List<Change> changes) {
    return Script.of(INSTALL, words(securityOnly, changes));
  }

  private static List<String> words(boolean securityOnly, List<Change> changes) {
    var words = new ArrayList<String>();
    words.add(scope(securityOnly));
    if (securityOnly) {
      changes.forEach(change -> words.add(change.name()));
    }
    return words;
  }

  private static String scope(boolean securityOnly) {
    return securityOnly ? "security" : "all";
  }

  @Override
  public Script clean() {
    return Script.of(CLEAN, List.of());
  }

  @Override
  public Script audit() {
    return Script.of(AUDIT, List.of());
  }

  @Override
  public int removed(String output) {
    return PackageManager.number(REMOVED, output);
  }
}

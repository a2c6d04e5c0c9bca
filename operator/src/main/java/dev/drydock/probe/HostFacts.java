package dev.drydock.probe;

import dev.drydock.kernel.Sizes;
import dev.drydock.kernel.Text;
import dev.drydock.port.Script;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a host is. A fact that the host does not tell is absent.
 *
 * @param sudo whether {@code sudo -n true} succeeded; a user that is root needs none. Absent where
 *     it did not end in time: a directory of users may be slow, and says nothing of the right
 */
public record HostFacts(
    Optional<String> hostname,
    Optional<String> os,
    Optional<String> kernel,
    Optional<String> architecture,
    Optional<Integer> cpus,
    Optional<String> memory,
    Optional<String> swap,
    Optional<String> rootDisk,
    Optional<String> bootId,
    Optional<Instant> bootTime,
    Optional<String> initSystem,
    Optional<String> dockerVersion,
    Optional<Boolean> sudo) {

  private static final int LENGTH = 120;
  private static final Pattern PRETTY_NAME =
      Pattern.compile("^PRETTY_NAME=[\"']?(.*?)[\"']?$", Pattern.MULTILINE);
  private static final Pattern BOOT_TIME =
      Pattern.compile("^btime ([0-9]{1,12})$", Pattern.MULTILINE);
  private static final Pattern DOCKER = Pattern.compile("version ([0-9][A-Za-z0-9.+~-]*)");

  private static final String SCRIPT =
      HostScript.SECTIONS
          + """
          root() {
            [ "$(id -u)" = 0 ] || limited sudo -n true
          }
          section hostname uname -n
          section kernel uname -r
          section architecture uname -m
          section os cat /etc/os-release
          section cpus cpus
          section meminfo cat /proc/meminfo
          section disk limited df -P -k /
          section bootid cat /proc/sys/kernel/random/boot_id
          section stat grep '^btime ' /proc/stat
          section init cat /proc/1/comm
          section docker limited docker --version
          section sudo root
          """;

  /** The script that asks for all of it, in one round trip. */
  public static Script script() {
    return Script.of(SCRIPT, List.of());
  }

  /** Reads what the script printed; never throws for anything that a host prints. */
  public static HostFacts read(String output) {
    var look = new Look(Parsers.sections(output), List.of());
    Optional<Reading.MemoryInfo> memory = Optional.empty();
    Optional<Long> disk = Optional.empty();
    Optional<Boolean> sudo = Optional.empty();
    try {
      memory = Optional.of(Parsers.memory(look.text("meminfo")));
    } catch (Unreadable e) {
      // The fact is absent.
    }
    try {
      disk = Optional.of(Parsers.fileSystem(look.text("disk"), "").size());
    } catch (Unreadable e) {
      // The fact is absent.
    }
    try {
      Look.Section asked = look.section("sudo");
      sudo = asked.isLate() ? Optional.empty() : Optional.of(asked.status() == 0);
    } catch (Unreadable e) {
      // The fact is absent.
    }
    return new HostFacts(
        word(look, "hostname"),
        text(look, "os").flatMap(text -> first(PRETTY_NAME, text)),
        word(look, "kernel"),
        word(look, "architecture"),
        word(look, "cpus").filter(text -> text.matches("[0-9]{1,5}")).map(Integer::valueOf),
        memory.map(info -> Sizes.text(info.total())),
        memory.map(info -> Sizes.text(info.swapTotal())),
        disk.map(Sizes::text),
        word(look, "bootid"),
        text(look, "stat")
            .flatMap(text -> first(BOOT_TIME, text))
            .map(seconds -> Instant.ofEpochSecond(Long.parseLong(seconds))),
        word(look, "init"),
        text(look, "docker").flatMap(text -> first(DOCKER, text)),
        sudo);
  }

  private static Optional<String> word(Look look, String section) {
    return text(look, section).map(text -> Text.line(text, LENGTH)).filter(t -> !t.isEmpty());
  }

  private static Optional<String> text(Look look, String section) {
    try {
      return Optional.of(look.text(section));
    } catch (Unreadable e) {
      return Optional.empty();
    }
  }

  private static Optional<String> first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Optional.of(Text.line(matcher.group(1), LENGTH)) : Optional.empty();
  }
}

package dev.drydock.probe;

import dev.drydock.kernel.Work;
import dev.drydock.port.Database;
import dev.drydock.port.Network.Answer;
import dev.drydock.port.Network.Page;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one look at a host brought home, by section, not yet read.
 *
 * @param units the systemd units that were asked for, in the order of their section
 * @param outside what was asked from here, and not by way of the host
 * @param timing when the host was asked; empty: not known
 */
public record Look(
    List<Section> sections, List<String> units, Outside outside, Optional<Timing> timing) {
  /** The status of what no time was left for, or less than it may take. */
  static final int NO_TIME = 199;

  static final String NO_TIME_LEFT =
      "no time was left to ask for it, or too little: raise spec.probe.timeout of the Host";

  public Look {
    sections = List.copyOf(sections);
    units = List.copyOf(units);
  }

  public Look(List<Section> sections, List<String> units) {
    this(sections, units, Outside.NOTHING, Optional.empty());
  }

  /**
   * What one command printed.
   *
   * @param status its exit status; 124 or 137 if it was ended for taking too long
   */
  public record Section(String name, int status, String text) {
    /** Whether it was ended for taking too long. */
    boolean isLate() {
      return status == 124 || status == 137;
    }
  }

  /** By this process's clock, before the host was asked and after it had answered. */
  public record Timing(Instant sent, Instant received) {}

  /**
   * What answered on the network, by the name that {@link HostLook} gives to the question.
   *
   * @param certificates when they end
   * @param databases by way of the host, too
   */
  public record Outside(
      Map<String, Answer<Page>> pages,
      Map<String, Answer<Instant>> certificates,
      Map<String, Answer<String>> talks,
      Map<String, AskedDatabase> databases) {
    /** Nothing was asked. */
    public static final Outside NOTHING = new Outside(Map.of(), Map.of(), Map.of());

    public Outside {
      pages = Map.copyOf(pages);
      certificates = Map.copyOf(certificates);
      talks = Map.copyOf(talks);
      databases = Map.copyOf(databases);
    }

    public Outside(
        Map<String, Answer<Page>> pages,
        Map<String, Answer<Instant>> certificates,
        Map<String, Answer<String>> talks) {
      this(pages, certificates, talks, Map.of());
    }
  }

  /**
   * A database, and what it said.
   *
   * @param where its name, and where it is, for people
   */
  public record AskedDatabase(String where, Database.Examination said) {}

  /** What the command of {@code section} printed. */
  String text(String section) throws Unreadable {
    Section found = section(section);
    if (found.isLate()) {
      throw new Unreadable("the host took too long to answer this one");
    }
    if (found.status == 127) {
      throw new Unreadable("the host does not have the command that tells");
    }
    if (found.status != 0) {
      throw new Unreadable("the host's command ended with status " + found.status);
    }
    return found.text;
  }

  Section section(String name) throws Unreadable {
    for (Section section : sections) {
      if (section.name.equals(name)) {
        if (section.status == NO_TIME) {
          throw new Unreadable(NO_TIME_LEFT);
        }
        return section;
      }
    }
    throw new Unreadable("the host's answer breaks off before it");
  }

  /** The planned work that goes on there now, as the host's lock and its journal tell. */
  Optional<Work> work() {
    try {
      return WorkJournal.current(text("work"));
    } catch (Unreadable e) {
      return Optional.empty();
    }
  }

  /** The same look, of which no planned work is known: nothing is forgiven. */
  Look withoutWork() {
    return new Look(
        sections.stream().filter(section -> !section.name.equals("work")).toList(),
        units,
        outside,
        timing);
  }

  /** An answer by HTTP, wherever it was asked from. */
  Answer<Page> page(String name) throws Unreadable {
    Answer<Page> answer = outside.pages.get(name);
    return answer != null ? answer : Pages.read(section(name));
  }

  /** By this process's clock. */
  Instant now() throws Unreadable {
    return timing
        .map(Timing::received)
        .orElseThrow(() -> new Unreadable("nobody knows when the host was asked"));
  }

  /** By the host's clock, when the look began. */
  Instant hostTime() throws Unreadable {
    return Clocks.read(text("clock")).at();
  }
}

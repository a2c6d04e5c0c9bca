package dev.drydock.probe;

import java.util.List;

/**
 * What one look at a host brought home, by section, not yet read.
 *
 * @param units the systemd units that were asked for, in the order of their section
 */
public record Look(List<Section> sections, List<String> units) {

  public Look {
    sections = List.copyOf(sections);
    units = List.copyOf(units);
  }

  /**
   * What one command printed.
   *
   * @param status its exit status; 124 or 137 if it was ended for taking too long
   */
  public record Section(String name, int status, String text) {}

  /** What the command of {@code section} printed. */
  String text(String section) throws Unreadable {
    Section found = section(section);
    if (found.status == 124 || found.status == 137) {
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
        return section;
      }
    }
    throw new Unreadable("the host's answer breaks off before it");
  }
}

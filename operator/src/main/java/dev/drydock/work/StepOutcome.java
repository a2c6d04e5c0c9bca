package dev.drydock.work;

import dev.drydock.kernel.Text;

/** What came of one step of work on a host. */
public sealed interface StepOutcome {
  /** What was done, or why not, with figures, for people. */
  String message();

  /** What the host printed; may hold what must not be shown. */
  String output();

  /** It was done. */
  record Done(String message, String output) implements StepOutcome {
    public Done {
      message = Text.line(message, LENGTH);
    }
  }

  /** It was not safe, and nothing was touched. */
  record Refused(String message, String output) implements StepOutcome {
    public Refused {
      message = Text.line(message, LENGTH);
    }
  }

  /**
   * It could not be done, or not wholly.
   *
   * @param untouched whether it is certain that nothing was changed
   */
  record Failed(String message, String output, boolean untouched) implements StepOutcome {
    public Failed {
      message = Text.line(message, LENGTH);
    }

    public Failed(String message, String output) {
      this(message, output, false);
    }
  }

  /** Nobody knows how it ended: the lock is lost, and nothing more can be done under it. */
  record Lost(String message) implements StepOutcome {
    public Lost {
      message = Text.line(message, LENGTH);
    }

    @Override
    public String output() {
      return "";
    }
  }

  /** What a message may have. */
  int LENGTH = 400;
}

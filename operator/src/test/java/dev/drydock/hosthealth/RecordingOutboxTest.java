package dev.drydock.hosthealth;

import dev.drydock.kernel.Severity;
import dev.drydock.port.Alert;
import dev.drydock.port.Outbox;
import dev.drydock.port.OutboxContract;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;

/** The fake keeps the real one's promises. */
class RecordingOutboxTest extends OutboxContract {
  private final RecordingOutbox fake = new RecordingOutbox();

  @BeforeEach
  void open() {
    fake.open("ns", "ops", Severity.WARNING);
  }

  @Override
  protected Outbox outbox() {
    return fake;
  }

  @Override
  protected void hold() {
    fake.hold();
  }

  @Override
  protected void release() {
    fake.release();
  }

  @Override
  protected List<String> arrived() {
    return fake.arrived("ns", "ops").stream().map(Alert::key).toList();
  }

  @Override
  protected void awaitOnItsWay() {
    // Nothing is ever half sent here.
  }
}

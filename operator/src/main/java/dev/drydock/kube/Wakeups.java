package dev.drydock.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import java.util.Set;

/** Has resources reconciled because something happened that the API server does not know of. */
public final class Wakeups<P extends HasMetadata> extends AbstractEventSource<Void, P> {

  public Wakeups(String name) {
    super(Void.class, name);
  }

  /** Has the resource {@code namespace/name} reconciled soon; before the start it does nothing. */
  public void wake(String namespace, String name) {
    if (isRunning()) {
      getEventHandler().handleEvent(new Event(new ResourceID(name, namespace)));
    }
  }

  @Override
  public Set<Void> getSecondaryResources(P primary) {
    return Set.of();
  }
}

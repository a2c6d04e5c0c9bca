package dev.drydock.api.v1alpha1.common;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;

/** What a container gets of a node. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Resources(
    @Size(max = 10)
        @JsonPropertyDescription("What is set aside for it, for example cpu: 100m, memory: 64Mi.")
        Map<String, Quantity> requests,
    @Size(max = 10) @JsonPropertyDescription("What it may use at the most.")
        Map<String, Quantity> limits) {

  public Resources {
    requests = requests == null ? Map.of() : Map.copyOf(requests);
    limits = limits == null ? Map.of() : Map.copyOf(limits);
  }
}

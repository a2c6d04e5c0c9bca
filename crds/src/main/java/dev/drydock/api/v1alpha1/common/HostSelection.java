package dev.drydock.api.v1alpha1.common;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which hosts of the same namespace are meant. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.names) != has(self.selector)",
    message = "set exactly one of names and selector")
public record HostSelection(
    @Size(min = 1, max = 500)
        @JsonPropertyDescription("Names of Hosts in the same namespace, instead of selector.")
        List<@Size(min = 1, max = 63) @Pattern(Formats.NAME) String> names,
    @JsonPropertyDescription(
            "Labels of Hosts in the same namespace, instead of names. A host that gets the labels"
                + " is covered at once.")
        @Nullable LabelSelector selector) {

  public HostSelection {
    names = names == null ? List.of() : List.copyOf(names);
  }
}
